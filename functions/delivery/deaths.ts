import type { Destination } from '../../core/tenant.ts'
import { report } from '../aws/notices.ts'
import type { DeliveryWorld, Session } from './session.ts'

/** Tells of events that have died: one cause for each reason and code, however many they are. */
export async function tellDeaths(
  world: DeliveryWorld,
  { connector, tenant }: Destination,
  deaths: Session['deaths'],
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
