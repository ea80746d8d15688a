import type { EdgeRequest } from './edge-request.ts'
import { compile, type Seen, type Statement } from './firewall-statements.ts'

export type Block = { rule: string; status: number; headers: { [name: string]: string }; body: string }
export type Firewall = { check(request: EdgeRequest, now: number): Block | undefined }

export type WebAcl = {
  defaultAction: Action
  rules?: readonly Rule[]
  customResponseBodies?: readonly { key: string; contentType: string; content: string }[]
  associationConfig?: { requestBodies?: readonly { cloudfronts?: readonly { defaultSizeInspectionLimit: string }[] }[] }
}
type Rule = {
  name: string
  priority: number
  action?: Action
  overrideAction?: { none?: object; count?: object }
  statement?: Statement
  ruleLabels?: readonly { name: string }[]
}
type Action = { allow?: object; count?: object; block?: { customResponse?: CustomResponse } }
type CustomResponse = {
  responseCode: number
  customResponseBodyKey?: string
  responseHeaders?: readonly { name: string; value: string }[]
}
/**
 * The web ACL as declared: rules by priority, the first that blocks or allows decides. Rate rules count exactly; AWS
 * estimates, and reacts some seconds later. https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements.html
 */
export function createFirewall(acl: WebAcl): Firewall {
  const rules = [...(acl.rules ?? [])].sort((a, b) => a.priority - b.priority)
  const limit = acl.associationConfig?.requestBodies?.[0]?.cloudfronts?.[0]?.defaultSizeInspectionLimit
  const inspected = limit ? Number(limit.replace('KB_', '')) * 1024 : 16_384 // CloudFront's default is 16 KB
  const tests = rules.map(rule => ({ rule, test: compile(rule.statement ?? {}, rule.name, inspected) }))
  return {
    check(request, now) {
      const seen: Seen = { request, labels: new Set(), now }
      for (const { rule, test } of tests) {
        if (!test(seen)) continue
        for (const { name } of rule.ruleLabels ?? []) seen.labels.add(name)
        if (rule.action?.allow) return undefined
        if (rule.action?.block ?? (rule.statement?.managedRuleGroupStatement && !rule.overrideAction?.count))
          return blocked(acl, rule.name, rule.action?.block?.customResponse)
      }
      return acl.defaultAction.block ? blocked(acl, 'default', acl.defaultAction.block.customResponse) : undefined
    },
  }
}

const CONTENT_TYPES: { [type: string]: string } = {
  APPLICATION_JSON: 'application/json',
  TEXT_PLAIN: 'text/plain',
  TEXT_HTML: 'text/html',
}
function blocked(acl: WebAcl, rule: string, response: CustomResponse | undefined): Block {
  const body = acl.customResponseBodies?.find(({ key }) => key === response?.customResponseBodyKey)
  const own = Object.fromEntries(
    (response?.responseHeaders ?? []).map(({ name, value }) => [name.toLowerCase(), value]),
  )
  return {
    rule,
    status: response?.responseCode ?? 403,
    headers: { 'content-type': CONTENT_TYPES[body?.contentType ?? 'TEXT_HTML'] ?? 'text/html', ...own },
    body: body?.content ?? 'Request blocked.',
  }
}
