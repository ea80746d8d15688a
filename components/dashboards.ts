import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import { METRIC_NAMESPACE } from '../core/log.ts'
import { destinationName } from '../core/tenant.ts'
import type { DestinationPlan, Installation } from './config.ts'

export type DashboardsArgs = {
  prefix: string
  region: pulumi.Input<string>
  installation: Installation
  /** Physical names of all functions. */
  functions: readonly string[]
}

/** One page for whoever runs the stack, and one per tenant to show its people. */
export class Dashboards extends pulumi.ComponentResource {
  constructor(name: string, args: DashboardsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('connect:aws:Dashboards', name, {}, opts)
    const { prefix, installation } = args
    const destinations = installation.pipelines.flatMap(pipeline => pipeline.destinations)
    this.put('operations', prefix, operational(args, destinations))
    for (const { id } of installation.tenants) {
      const own = destinations.filter(({ tenant }) => tenant === id)
      const graphs = own.flatMap(destination => [
        flow(installation.stack, destination),
        standing(installation.stack, destination),
      ])
      this.put(id, `${prefix}-${id}`, { region: args.region, graphs })
    }
    this.registerOutputs({})
  }

  private put(name: string, dashboardName: string, { region, graphs }: Page): void {
    const dashboardBody = pulumi.output(region).apply(where => JSON.stringify({ widgets: layOut(graphs, where) }))
    new aws.cloudwatch.Dashboard(`${name}-dashboard`, { dashboardName, dashboardBody }, { parent: this })
  }
}

type Page = { region: pulumi.Input<string>; graphs: readonly Graph[] }
type Graph = {
  title: string
  stat: string
  /** Namespace, metric, then names and values of its dimensions in turn. */
  metrics: readonly (readonly string[])[]
}

function operational(
  { region, functions, installation: { stack } }: DashboardsArgs,
  destinations: readonly DestinationPlan[],
): Page {
  const perFunction = (metric: string) => functions.map(name => ['AWS/Lambda', metric, 'FunctionName', name])
  const perDestination = (metric: string) => destinations.map(destination => ours(stack, destination, metric))
  return {
    region,
    graphs: [
      { title: 'Received', stat: 'Sum', metrics: perDestination('received') },
      { title: 'Delivered', stat: 'Sum', metrics: perDestination('delivered') },
      { title: 'Waiting', stat: 'Maximum', metrics: perDestination('waiting') },
      { title: 'Oldest waiting, ms', stat: 'Maximum', metrics: perDestination('oldestMs') },
      { title: 'Dead', stat: 'Sum', metrics: perDestination('dead') },
      { title: 'Breakers open', stat: 'Maximum', metrics: perDestination('breakerOpen') },
      { title: 'Vendor answers in, ms', stat: 'p95', metrics: perDestination('vendorMs') },
      { title: 'Function errors', stat: 'Sum', metrics: perFunction('Errors') },
      { title: 'Function throttles', stat: 'Sum', metrics: perFunction('Throttles') },
      { title: 'Function duration, ms', stat: 'p95', metrics: perFunction('Duration') },
      { title: 'Hits past the edge', stat: 'Sum', metrics: [[METRIC_NAMESPACE, 'directHits', 'Stack', stack]] },
    ],
  }
}

const flow = (stack: string, destination: DestinationPlan): Graph => ({
  title: `${destination.connector}: events`,
  stat: 'Sum',
  metrics: ['received', 'delivered', 'retried', 'skipped', 'suppressed', 'dead'].map(metric =>
    ours(stack, destination, metric),
  ),
})

const standing = (stack: string, destination: DestinationPlan): Graph => ({
  title: `${destination.connector}: waiting`,
  stat: 'Maximum',
  metrics: ['waiting', 'breakerOpen', 'stopped', 'paused'].map(metric => ours(stack, destination, metric)),
})

const ours = (stack: string, { tenant, connector }: DestinationPlan, metric: string) => [
  METRIC_NAMESPACE,
  metric,
  'Stack',
  stack,
  'Destination',
  destinationName(tenant, connector),
]

/** Two graphs in a row of the 24 columns that a dashboard has. */
const layOut = (graphs: readonly Graph[], region: string) =>
  graphs.map(({ title, stat, metrics }, i) => ({
    type: 'metric',
    x: (i % 2) * 12,
    y: Math.floor(i / 2) * 6,
    width: 12,
    height: 6,
    properties: { title, stat, metrics, region, period: 300, view: 'timeSeries' },
  }))
