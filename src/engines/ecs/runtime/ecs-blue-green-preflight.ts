import { EcsBlueGreenDriverManifest } from '../manifest';
import { checkContainer, checkController, checkImage, checkRestorable, ecsCheck, EcsPreflight } from './ecs-preflight';
import { EcsService } from './ecs-steps';
import { ListenerAction } from './listener-api';
import { describeTraffic, ECS_SLOTS, forwardIn, groupOf, isOnSlots, isSticky, Slot, SlotGroups, slotWithAll, trafficOf, WeightedGroup } from './listener-weights';
import { SlotsApi } from './slots-state';
import { MetricManifest } from '../../../contract/metric-manifest';
import { LEAST_FOR_ECS_STRATEGIES } from '../../../runtime/aws/aws-cli-versions';
import { PreflightCheck, settled } from '../../../runtime/targets/preflight-check';

export interface EcsBlueGreenPreflight extends Omit<EcsPreflight, 'api' | 'settings'> {
  readonly api: SlotsApi;
  readonly account: () => Promise<string>;
  /** Whether users move in steps: the first one takes them from the slot. */
  readonly isWeighted: boolean;
  /** What a canary is judged by. */
  readonly metrics: readonly MetricManifest[];
  readonly settings: EcsBlueGreenDriverManifest;
}

type SlotServices = Readonly<Record<Slot, EcsService>>;

/** Checks everything that a deployment and its rollback need, before anything is changed. Returns the services. Rejects with `ConfigurationError`. */
export async function preflightEcsBlueGreen(given: EcsBlueGreenPreflight): Promise<SlotServices> {
  const { account, api, cli, environment, find, giveUpAt, intent, settings } = given;
  const { cluster, container, listener } = settings;
  const least = LEAST_FOR_ECS_STRATEGIES;
  const check = ecsCheck(environment, least, { rejected: 'Correct blueGreen in the options of Target.ecs' });
  const found = await check.awsAccount({ version: cli.version(giveUpAt), account: account(), least, wanted: settings.account });
  const where = `in ${cli.regionName} of the account ${found}`;
  // the listener is named before the services
  const [actions, blue, green] = await Promise.allSettled([api.listener.actions(), api.services.blue.service(), api.services.green.service()]);
  const fixOf = (slot: Slot) => `blueGreen ${slot}: there is no service ${settings.services[slot]} in the cluster ${cluster} ${where}. Create it, or correct cluster, blueGreen or region`;
  const forwarding = await check.fixed(settled(actions), `blueGreen listener: there is no listener or rule ${listener} ${where}. Correct blueGreen listener or region`);
  const forward = forwardOf(check, forwarding);
  const services = { blue: await check.fixed(settled(blue), fixOf('blue')), green: await check.fixed(settled(green), fixOf('green')) };
  for (const slot of ECS_SLOTS) checkService(check, given, slot, services[slot]);
  const groups = groupsOf(check, given, services, forward);
  checkTraffic(check, given, forward, groups);
  checkMetrics(check, given, groups);
  checkStickiness(check, given, forwarding);
  const definitions = ECS_SLOTS.map((slot) => api.services[slot].definition(services[slot].taskDefinition));
  for (const definition of await Promise.allSettled(definitions)) checkContainer(check, await check.fixed(settled(definition)), container);
  checkImage(check, intent);
  await checkRestorable(check, { find, intent, shown: `blueGreen: no active revision ${where}`, services: `${settings.services.blue} or ${settings.services.green}` });
  return services;
}

function forwardOf(check: PreflightCheck, actions: readonly ListenerAction[]): readonly WeightedGroup[] {
  return forwardIn(actions) ?? check.refuse('blueGreen listener: none of its actions forwards to a target group', 'Let it forward to the target groups of both services, with the weights 100 and 0');
}

/** ECS itself would move users, too. */
function checkService(check: PreflightCheck, { settings }: EcsBlueGreenPreflight, slot: Slot, live: EcsService): void {
  const [option, service] = [`blueGreen ${slot}`, settings.services[slot]];
  checkController(check, { option, service }, live);
  if (live.strategy === 'ROLLING') return;
  check.refuse(`${option}: ECS itself moves the users of ${service} (its strategy is ${live.strategy})`, 'Set the strategy ROLLING, or use Target.ecs service with Strategy.redeploy()');
}

function groupsOf(
  check: PreflightCheck, { intent, settings }: EcsBlueGreenPreflight, services: SlotServices, forward: readonly WeightedGroup[],
): SlotGroups {
  const of = (slot: Slot): string => {
    const { targetGroups } = services[slot];
    const [option, service, found] = [`blueGreen ${slot}`, settings.services[slot], groupOf(targetGroups, forward)];
    if (targetGroups.length === 0) check.refuse(`${option}: ${service} is behind no target group`, 'Give the service a target group of its own');
    // a rollback writes the weights of both
    const isThere = forward.some(({ group }) => group === found) || intent.kind === 'rollback';
    if (found !== undefined && isThere) return found;
    return check.refuse(
      `blueGreen listener: it forwards to ${namesOf(forward.map(({ group }) => group))}, and ${service} is behind ${namesOf(targetGroups)}`,
      `Let the listener forward to exactly one target group of ${service}, with the weight 0 if it is not live`,
    );
  };
  const groups = { blue: of('blue'), green: of('green') };
  if (groups.blue === groups.green) check.refuse(`blueGreen green: ${settings.services.green} is behind the target group of blue (${namesOf([groups.blue])})`, 'Give each service a target group of its own');
  return groups;
}

/** Only a rollback may begin where users are on several releases, or would see the release at once. */
function checkTraffic(
  check: PreflightCheck, { environment, intent, isWeighted }: EcsBlueGreenPreflight, forward: readonly WeightedGroup[], groups: SlotGroups,
): void {
  const { kind, slot, stable } = intent;
  if (kind === 'rollback') return;
  const traffic = trafficOf(forward, groups);
  const live = slotWithAll(traffic);
  const fix = stable ? `Restore ${stable.version}: rollback ${environment} --release ${stable.version}` : 'Give one of the two target groups the weight 100, and all others 0';
  if (live === undefined && !(isWeighted && isOnSlots(traffic) && stable)) check.refuse(`blueGreen listener: it sends users to ${describeTraffic(traffic)}, and a deployment needs a slot without users`, fix);
  if (slot === undefined) check.refuse('blueGreen: the strategy has no slots', 'Set strategy: Strategy.blueGreen() or Strategy.canary()');
  if (slot === live) check.refuse(`blueGreen listener: it sends users to ${live}, where this deployment would go`, fix);
}

/** Weights do not move users that a cookie keeps on their target group: a rollback would leave those of the canary on it. */
function checkStickiness(check: PreflightCheck, { intent, isWeighted }: EcsBlueGreenPreflight, actions: readonly ListenerAction[]): void {
  if (!isWeighted || intent.kind === 'rollback' || !isSticky(actions)) return;
  check.refuse(
    'blueGreen listener: its forward action keeps users on their target group (TargetGroupStickinessConfig), so a rollback would leave the users of a canary on it',
    'Disable the stickiness of the forward action. Stickiness within a target group may stay',
  );
}

/** Else the requests of Stable would count as those of the release. */
function checkMetrics(check: PreflightCheck, { intent, metrics, settings }: EcsBlueGreenPreflight, groups: SlotGroups): void {
  if (intent.kind === 'rollback') return;
  for (const metric of metrics) {
    if (metric.kind !== 'cloudWatch' || !metric.targetGroups) continue;
    const { targetGroups } = metric;
    const slot = ECS_SLOTS.find((one) => !groups[one].endsWith(`:${targetGroups[one]}`));
    if (slot === undefined) continue;
    const own = groups[slot].slice(groups[slot].lastIndexOf(':') + 1);
    check.refuse(`Metric.cloudWatch targetGroups ${slot}: it is ${targetGroups[slot]}, and ${settings.services[slot]} is behind ${own}`, `Write ${slot}: '${own}'`);
  }
}

/** The names of target groups. */
function namesOf(arns: readonly string[]): string {
  return arns.map((arn) => /targetgroup\/([^/]+)/.exec(arn)?.[1] ?? arn).join(' and ');
}
