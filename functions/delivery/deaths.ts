import type { Death, Waiting } from '../../core/envelope.ts'
import { type NoticeWorld, report } from '../aws/notices.ts'

export type Dead = Waiting & { dead: Death }

/** Tells of events that have died: one cause for each reason and code, however many they are. */
export async function tellDeaths(
  world: NoticeWorld,
  { connector, tenant }: { connector: string; tenant: string },
  deaths: readonly Dead[],
): Promise<void> {
  const causes = Map.groupBy(deaths, ({ dead }) => `${dead.reason} ${dead.code ?? ''}`)
  for (const some of causes.values()) {
    const { reason, code, words } = some[0]!.dead
    await report(
      world,
      { connector, tenant },
      {
        reason,
        died: some.length,
        examples: some.slice(0, 3).map(({ event }) => event.id),
        ...(code !== undefined && { code }),
        ...(words !== undefined && { words }),
      },
    )
  }
}
