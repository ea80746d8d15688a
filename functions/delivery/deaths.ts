import { report } from '../aws/notices.ts'
import type { Session } from './session.ts'

/** Tells of the events that have died since it was last asked: one cause for each reason and code, however many they are. */
export async function tellDeaths({ world, destination, deaths }: Session): Promise<void> {
  const { connector, tenant } = destination
  const causes = Map.groupBy(deaths.splice(0), ({ dead }) => `${dead.reason} ${dead.code ?? ''}`)
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
