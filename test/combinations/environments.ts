import { drawChecks } from './checks';
import { Draw } from './draw';
import { Place } from './projects';
import { Duration, Freeze, Login, NamedEnvironment, Strategy, Target, Trigger } from '../../src';

export type WorkflowKind = 'own' | 'build' | 'release' | 'joined';

export interface EnvironmentsOptions {
  readonly place: Place;
  readonly workflow: WorkflowKind;
  readonly targetKind: 'tasks' | 'commands';
  readonly canPromote: boolean;
  /** Whether a schedule watches all of them. */
  readonly isWatched: boolean;
}

const NAMES = ['staging', 'production', 'qa', 'prod/eu', 'demo.v2', 'canary_1', 'A', 'pre-production'];

export function drawEnvironments(draw: Draw, options: EnvironmentsOptions): NamedEnvironment[] {
  const names = draw.random.shuffled(NAMES).slice(0, 1 + draw.random.below(4));
  const triggers = new Triggers(draw, options);
  const environments: NamedEnvironment[] = [];
  for (const name of names) environments.push(environment(draw, name, triggers.next(environments.map((one) => one.name)), options));
  // their order does not matter
  return draw.chance(0.3) ? draw.random.shuffled(environments) : environments;
}

function environment(draw: Draw, name: string, trigger: Trigger, options: EnvironmentsOptions): NamedEnvironment {
  const { isWatched, place, targetKind, canPromote } = options;
  const host = `${[name.replace(/\W|_/g, '-').toLowerCase(), ...(place.key === '' ? [] : [place.key])].join('.')}.example.com`;
  const hasSecrets = draw.chance(0.4);
  const login = draw.chance(0.3) ? drawLogin(draw, hasSecrets) : undefined;
  const readsAlarms = login === undefined || login.readRole;
  const command = (task: string) => (targetKind === 'tasks' ? task : `./${task}.sh "$DEPLOY_ENV"`);
  return {
    name,
    trigger,
    url: `https://${host}`,
    ...draw.maybe(0.85, () => ({ healthChecks: drawChecks(draw, { host, isWatched, hasSecrets, readsAlarms }) })),
    strategy: strategy(draw, host, canPromote),
    ...(hasSecrets ? { monitorEnvironment: `${name}-monitor` } : draw.maybe(0.2, () => ({ monitorEnvironment: `${name}-watch` }))),
    ...draw.maybe(0.4, () => ({ rollbackEnvironment: `${name}-rollback` })),
    ...draw.maybe(0.4, () => ({ variables: { API_URL: `https://api.${host}`, NOTE: 'it\'s "quoted" ${x} $(id) `id` 100%' } })),
    ...draw.maybe(0.4, () => ({ secrets: draw.someOf(['DEPLOY_TOKEN', 'OTHER_TOKEN', 'KUBE_CONFIG']) })),
    ...draw.maybe(0.2, () => ({ freezes: [Freeze.weekly('Fri 16:00', 'Mon 08:00', { timeZone: 'Europe/Berlin', reason: 'it\'s the weekend' })] })),
    ...draw.maybe(0.1, () => ({ freezes: [Freeze.between('2026-12-24 00:00', '2027-01-02 00:00')] })),
    ...draw.maybe(0.2, () => ({ controlUrl: 'https://status.example.org' })),
    ...draw.maybe(0.2, () => ({ runsOn: draw.oneOf([['ubuntu-latest'], ['ubuntu-22.04'], ['macos-latest']]) })),
    ...draw.maybe(0.2, () => ({ beforeDeploy: command('migrate') })),
    ...draw.maybe(0.2, () => ({ afterPromote: command('restore') })),
    ...draw.maybe(0.1, () => ({ target: Target.commands({ deploy: './other.sh', promote: './switch.sh', idToken: true }), beforeDeploy: './before.sh', afterPromote: './after.sh' })),
    ...draw.maybe(0.1, () => ({ allowDowngrade: draw.chance(0.5) })),
    ...draw.maybe(0.1, () => ({ allowInsecure: draw.chance(0.5) })),
    ...(login && { login: login.login }),
  };
}

function strategy(draw: Draw, host: string, canPromote: boolean): Strategy {
  const times = {
    ...draw.maybe(0.3, () => ({ bake: Duration.seconds(draw.oneOf([0, 30, 300])) })),
    ...draw.maybe(0.3, () => ({ commandTimeout: Duration.minutes(draw.oneOf([1, 10])) })),
  };
  if (!canPromote || draw.chance(0.5)) return Strategy.redeploy(times);
  draw.note('blue/green');
  return Strategy.blueGreen({ ...times, ...draw.maybe(0.6, () => ({ candidateUrl: `https://{slot}.${host}` })) });
}

/** @param canRead whether there is an environment for the jobs that look */
function drawLogin(draw: Draw, canRead: boolean): { readonly login: Login; readonly readRole: boolean } {
  draw.note('login');
  const readRole = canRead && draw.chance(0.5);
  const role = draw.oneOf(['shop', 'teams/web/shop']);
  const login = Login.aws({
    role: `arn:aws:iam::111122223333:role/${role}-deploy`,
    region: draw.oneOf(['eu-central-1', 'us-east-1']),
    ...draw.maybe(0.3, () => ({ sessionDuration: Duration.hours(12) })),
    ...(readRole && { readRole: `arn:aws:iam::111122223333:role/${role}-read` }),
  });
  return { login, readRole };
}

/** Each ref reaches one environment. */
class Triggers {
  private readonly branches: string[];
  private readonly tags: string[];
  private isFirst = true;

  constructor(private readonly draw: Draw, private readonly options: EnvironmentsOptions) {
    const { isReleased } = options.place;
    this.branches = draw.random.shuffled(['main', 'develop', 'release/2.x', 'it\'s', 'c++']);
    // tags that projen makes start no workflow
    this.tags = draw.random.shuffled([...(isReleased ? [] : ['v*']), 'qa-*', 'eu/*', 'nightly', 'build+*']);
  }

  public next(before: readonly string[]): Trigger {
    const { draw } = this;
    const isFirst = this.isFirst;
    this.isFirst = false;
    if (this.options.workflow === 'release') return isFirst ? this.release() : Trigger.after(draw.oneOf(before));
    if (!isFirst && draw.chance(0.45)) return Trigger.after(draw.oneOf(before));
    const kind = draw.oneOf(['branch', 'branch', 'tag', 'manual'] as const);
    draw.note(kind);
    if (kind === 'manual') return Trigger.manual();
    if (kind === 'branch') return Trigger.branch(this.branches.pop()!);
    const tag = this.tags.pop()!;
    return Trigger.tag(tag, {
      ...(before.length > 0 ? draw.maybe(0.5, () => ({ requires: draw.oneOf(before) })) : {}),
      ...(tag.endsWith('*') ? draw.maybe(0.3, () => ({ except: '*-rc' })) : {}),
    });
  }

  private release(): Trigger {
    const { draw } = this;
    return Trigger.release({ ...draw.maybe(0.4, () => ({ branches: ['main'] })), ...draw.maybe(0.4, () => ({ prereleases: draw.chance(0.5) })) });
  }
}
