import { github } from 'projen';
import { Draw } from './draw';
import { drawEnvironments, WorkflowKind } from './environments';
import { Place, Repository } from './projects';
import {
  Alert, AlertEvent, Compatibility,
  DeliveryOptions, Duration, Lock, MonitorExport, MonitoringOptions, NamedEnvironment, Schedule, StatusPage, Target, Workflow,
} from '../../src';

/** What a delivery says; what it needs of its workflow is added there. */
export interface DrawnDelivery {
  readonly options: DeliveryOptions;
  /** Jobs of the user's own, which the delivery waits for. */
  readonly jobs: readonly string[];
}

/** A note: its jobs wait one by one, as older servers let them. */
export const WITHOUT_QUEUE_MAX = 'without queue: max';

const EXPORTED_ONLY: MonitoringOptions = { schedule: false, exports: [MonitorExport.gatus()] };

type Written<T> = { -readonly [K in keyof T]: T[K] };

export function drawDelivery(draw: Draw, repository: Repository, place: Place): DrawnDelivery {
  const workflow = draw.oneOf(place.workflows);
  draw.note(`workflow: ${workflow}`);
  const targetKind = draw.oneOf(['tasks', 'commands'] as const);
  const canPromote = draw.chance(0.7);
  const isScheduled = draw.chance(0.5);
  const environments = drawEnvironments(draw, { place, workflow, targetKind, canPromote, isWatched: isScheduled });
  const names = environments.map(({ name }) => name);
  const jobs = workflow === 'own' ? draw.some(['test', 'lint'], 0.2) : [];
  const options: Written<DeliveryOptions> = {
    environments,
    target: target(draw, targetKind, canPromote),
    ...workflowOf(draw, workflow, repository.ci),
    ...(jobs.length > 0 ? { needs: jobs } : {}),
    ...artifact(draw, workflow),
    ...pathsOf(draw, workflow, environments),
    ...steps(draw, place.key),
    ...draw.maybe(0.3, () => ({ variables: { REGION: 'eu', lower_case: '1' } })),
    ...draw.maybe(0.3, () => ({ secrets: ['SHARED_TOKEN'] })),
    ...draw.maybe(0.2, () => ({ runsOn: [draw.oneOf(['ubuntu-latest', 'ubuntu-22.04'])] })),
    ...draw.maybe(0.3, () => ({ lock: draw.oneOf([Lock.gitRef(), Lock.ledger()]) })),
    ...draw.maybe(0.3, () => ({ drill: { environments: draw.someOf(names), ...draw.maybe(0.6, () => ({ schedule: draw.oneOf([Schedule.weekly('Tue 03:17'), Schedule.cron('7 */6 * * 1-5')]) })) } })),
    ...draw.maybe(0.5, () => ({ alerts: alerts(draw, names, isScheduled) })),
    ...(isScheduled ? { monitoring: monitoring(draw) } : draw.maybe(0.1, () => ({ monitoring: EXPORTED_ONLY }))),
    ...draw.maybe(0.15, () => ({ compatibility: compatibility(draw) })),
    ...draw.maybe(0.3, () => ({ pullRequests: { plan: true } })),
  };
  for (const name of Object.keys(options)) if (!['environments', 'target'].includes(name)) draw.note(name);
  return { options, jobs };
}

function target(draw: Draw, kind: 'tasks' | 'commands', canPromote: boolean): Target {
  draw.note(`target: ${kind}`);
  const words = kind === 'tasks' ? (task: string) => task : (task: string) => `./${task}.sh "$DELIVERY_VERSION" && echo 'it''s done'`;
  const all = {
    deploy: words('ship'),
    ...(canPromote ? { promote: words('switch-traffic') } : {}),
    ...draw.maybe(0.4, () => ({ rollback: words('restore') })),
    ...draw.maybe(0.3, () => ({ migrate: words('migrate') })),
    ...draw.maybe(0.3, () => ({ idToken: draw.chance(0.7) })),
  };
  return kind === 'tasks' ? Target.tasks(all) : Target.commands(all);
}

function workflowOf(draw: Draw, kind: WorkflowKind, ci: github.GithubWorkflow | undefined): { workflow?: Workflow } {
  if (kind === 'build') return { workflow: Workflow.ofBuild() };
  if (kind === 'release') return { workflow: Workflow.ofRelease() };
  if (kind === 'joined') return { workflow: draw.chance(0.5) ? Workflow.named('ci') : Workflow.existing(ci!) };
  return draw.maybe(0.3, () => ({ workflow: Workflow.own() }));
}

function artifact(draw: Draw, workflow: WorkflowKind): Pick<DeliveryOptions, 'artifact'> {
  if (workflow === 'release') return draw.maybe(0.3, () => ({ artifact: { paths: ['dist/js'] } }));
  return draw.maybe(0.6, () => ({
    artifact: {
      paths: draw.oneOf([['dist'], ['lib', 'a folder/with spaces'], ['./out/']]),
      ...draw.maybe(0.5, () => ({ buildTask: 'build' })),
      ...draw.maybe(0.3, () => ({ setupSteps: [{ name: 'a tool', run: './install-tool.sh' }] })),
    },
  }));
}

function pathsOf(draw: Draw, workflow: WorkflowKind, environments: readonly NamedEnvironment[]): Pick<DeliveryOptions, 'onlyIfChanged'> {
  const hasBranch = environments.some(({ trigger }) => trigger._manifest.kind === 'branch');
  return workflow === 'own' && hasBranch ? draw.maybe(0.3, () => ({ onlyIfChanged: ['services/api', 'libs/c++', '!**/*.md'] })) : {};
}

function steps(draw: Draw, key: string): Pick<DeliveryOptions, 'setupSteps' | 'toolchainSteps'> {
  return {
    ...draw.maybe(0.15, () => ({
      toolchainSteps: draw.oneOf([[], [{ name: 'Go', uses: `actions/setup-go@${'4'.repeat(40)}` }, { id: `compile${key}`, name: 'compile', run: 'go build ./...' }]]),
    })),
    ...draw.maybe(0.3, () => ({
      setupSteps: [{ name: 'log in', run: 'echo "$TOKEN" | ./log-in --stdin', env: { TOKEN: '${{ secrets.LOGIN_TOKEN }}' } }, ...draw.some([{ name: 'tool', if: 'always()', run: './tool.sh' }])],
    })),
  };
}

function compatibility(draw: Draw): Compatibility {
  const withoutQueueMax = draw.chance(0.5);
  if (withoutQueueMax) draw.note(WITHOUT_QUEUE_MAX);
  return { withoutQueueMax, withoutDeploymentFalse: draw.chance(0.5) };
}

function alerts(draw: Draw, names: string[], isWatched: boolean): Alert[] {
  const events = [AlertEvent.HALTED, AlertEvent.ROLLED_BACK, AlertEvent.DEPLOYED, ...(isWatched ? [AlertEvent.FIRING, AlertEvent.RESOLVED] : [])];
  const rest = () => ({ ...draw.maybe(0.3, () => ({ on: draw.someOf(events) })), ...draw.maybe(0.3, () => ({ environments: draw.someOf(names) })) });
  return draw.someOf([
    () => Alert.webhook('ALERT_WEBHOOK', { ...rest(), ...draw.maybe(0.5, () => ({ signingSecret: 'ALERT_SIGNING' })) }),
    () => Alert.slack('SLACK_WEBHOOK', rest()),
    () => Alert.teams('TEAMS_WEBHOOK', rest()),
    () => Alert.discord('DISCORD_WEBHOOK', rest()),
    () => Alert.pagerduty('PAGERDUTY_KEY', rest()),
    () => Alert.githubIssue({ ...rest(), labels: ['incident', 'it\'s bad'], assignees: ['octocat'] }),
    () => Alert.command({ ...rest(), line: './notify.sh "$DELIVERY_TITLE"', secrets: ['MAIL_KEY'] }),
    () => Alert.command({ ...rest(), task: 'migrate' }),
  ]).map((make) => make());
}

function monitoring(draw: Draw): MonitoringOptions {
  return {
    ...draw.maybe(0.4, () => ({ interval: Duration.minutes(draw.oneOf([5, 15, 60])) })),
    ...draw.maybe(0.2, () => ({ retries: 0, firesAfter: 1, resolvesAfter: 4 })),
    ...draw.maybe(0.3, () => ({ remindEvery: Duration.hours(6) })),
    ...draw.maybe(0.4, () => ({ heartbeat: draw.oneOf(['HEARTBEAT_URL', 'https://hc.example.com/ping/1']) })),
    ...draw.maybe(0.3, () => ({ rollback: { within: Duration.hours(2) } })),
    ...draw.maybe(0.3, () => ({ statusPage: draw.oneOf([StatusPage.branch('delivery-status'), StatusPage.artifact()]) })),
    ...draw.maybe(0.3, () => ({ exports: draw.someOf([MonitorExport.gatus({ alerts: ['slack'] }), MonitorExport.blackbox(), MonitorExport.argoAnalysis({ namespace: 'shop' })]) })),
  };
}
