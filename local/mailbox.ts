import type { Mail } from './change.ts'
import { all, type Program } from './declared.ts'
import type { Store } from './store.ts'

export type Mailbox = {
  /** Oldest first. */
  readonly mails: readonly Mail[]
  /** Delivers to the topic's e-mail subscribers; false for a topic that is not declared. */
  publish(topicArn: string, subject: string, text: string): boolean
}

const KEPT = 1000

/** What the topics send to people, as if every subscription had been confirmed. */
export function createMailbox(program: Program, store: Store<Mail[]>, arrived: (mail: Mail) => void): Mailbox {
  const topics = all(program, 'aws:sns/topic:Topic')
  const subscriptions = all(program, 'aws:sns/topicSubscription:TopicSubscription')
  const mails = store.read()
  return {
    mails,
    publish(topicArn, subject, text) {
      const topic = topics.find(({ outputs }) => outputs.arn === topicArn)
      if (!topic) return false
      const subscribed = subscriptions.filter(({ inputs }) => inputs.protocol === 'email' && inputs.topic === topicArn)
      if (!subscribed.length) return true
      const mail = { at: Date.now(), to: subscribed.map(({ inputs }) => inputs.endpoint), subject, text }
      mails.push(mail)
      mails.splice(0, mails.length - KEPT)
      store.write(mails)
      arrived(mail)
      return true
    },
  }
}
