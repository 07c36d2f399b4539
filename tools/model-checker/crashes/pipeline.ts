import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { github, Project } from 'projen';
import { ASYNCHRONOUS_COMMANDS, COMMANDS, commandsWithOutputs } from './service';
import {
  Alert, Delivery, Duration, HealthCheck, ReleaseIdentity, StackOutput, Target, TargetBinding, TargetCapability, TargetContext, Trigger,
} from '../../../src';
import { Manifest, MANIFEST_FILE } from '../../../src/contract/manifest';
import { StrategyKind } from '../../../src/contract/strategies';
import { synthesize } from '../../../test/test-project';
import { hasSlots, hasWeights, strategyData, strategyOf } from '../strategies';

/** What differs between the pipelines under test. */
export interface Kind {
  readonly strategy: StrategyKind;
  /** @default false */
  readonly migrates?: boolean;
  /** Whether the environment has commands of its own around those. @default false */
  readonly around?: boolean;
  /** Whether a release shows only some time after its command has ended. @default false */
  readonly asynchronous?: boolean;
  /** Whether each release has a URL of its own, which the target reports as an output. @default false */
  readonly outputs?: boolean;
  /** Whether an alarm of CloudWatch is a health check; it fires some time after the errors. @default false */
  readonly alarm?: boolean;
  /** The engine that a driver of the runtime deploys to. @default - a service that commands deploy to */
  readonly engine?: 'lambda' | 'staticSite';
  /** The address of a webhook for notifications. @default - none */
  readonly webhook?: string;
  /** Whether it is watched, and a young release whose check fires goes back by itself. @default false */
  readonly watches?: boolean;
}

export function nameOf({ strategy, alarm, migrates, around, asynchronous, engine, outputs }: Kind): string {
  return `${engine === undefined ? '' : `${engine}, `}${strategyData(strategy).title}${migrates ? ' with a migration' : ''}${around ? ' with commands around' : ''}${asynchronous ? ', asynchronous' : ''}${outputs ? ', with outputs' : ''}${alarm ? ', with an alarm' : ''}`;
}

/** A repository of such a project, with three releases; the commits of their tags, and of main. */
export function prepareRepository(folder: string, url: string, kind: Kind): Record<string, string> {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
  mkdirSync(folder);
  synthesizePipeline(folder, url, kind);
  if (kind.engine !== undefined) mkdirSync(dirname(join(folder, ENGINES[kind.engine].file)), { recursive: true });
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'an engineer');
  git('config', 'user.email', 'engineer@example.com');
  git('add', '.');
  const commits: Record<string, string> = {};
  for (const tag of ['v1', 'v2', 'v3']) {
    if (kind.engine !== undefined) writeFileSync(join(folder, ENGINES[kind.engine].file), `${tag}\n`);
    git('add', '.');
    git('commit', '--quiet', '--allow-empty', '--message', tag);
    git('tag', tag);
    commits[tag] = commits.main = git('rev-parse', 'HEAD');
  }
  return commits;
}

/** The targets of engines, and the file of a release, whose text is its version. */
const ENGINES: Readonly<Record<NonNullable<Kind['engine']>, { readonly file: string; readonly target: () => Target }>> = {
  lambda: { file: 'function.zip', target: () => Target.lambda({ functionName: 'shop', alias: 'live', code: 'function.zip' }) },
  staticSite: {
    file: 'site/index.html',
    target: () => Target.staticSite({ bucket: 'acme-site', directory: 'site', distribution: 'E1A2B3C4D5E6F7', releaseCheck: false }),
  },
};

/** Its files are in the repository, so that no job builds them. */
class CommittedTarget extends Target {
  constructor(private readonly target: Target) {
    super();
  }

  public bind(context: TargetContext): TargetBinding {
    return { ...this.target.bind(context), artifact: undefined };
  }
}

/** A target whose outputs are known only after a deployment. */
class OutputsTarget extends Target {
  constructor(private readonly target: Target) {
    super();
  }

  public bind(context: TargetContext): TargetBinding {
    return { ...this.target.bind(context), capabilities: [TargetCapability.OUTPUTS] };
  }
}

function targetOf(kind: Kind, url: string): Target {
  const { asynchronous, engine, migrates, outputs, strategy } = kind;
  if (engine !== undefined) return new CommittedTarget(ENGINES[engine].target());
  if (outputs) return new OutputsTarget(Target.commands({ deploy: commandsWithOutputs(url).deploy }));
  const { deploy, promote, setWeight } = asynchronous ? ASYNCHRONOUS_COMMANDS : COMMANDS;
  const moves = hasWeights(strategy) ? { setWeight } : { promote };
  return Target.commands({ deploy, ...(hasSlots(strategy) && moves), ...(migrates && { migrate: COMMANDS.migrate }) });
}

/** Synthesizes a project that delivers the service at `url` to `production`, as a user's would be; only the times of its watching are short. */
function synthesizePipeline(outdir: string, url: string, kind: Kind): void {
  const { strategy, alarm, around, outputs, webhook, watches } = kind;
  const users = outputs ? StackOutput.of('Api', 'Url').toString() : url;
  const project = new Project({ name: 'shop', outdir });
  new github.GitHub(project, { mergify: false, pullRequestLint: false });
  new Delivery(project, {
    target: targetOf(kind, url),
    environments: [{
      name: 'production',
      trigger: Trigger.tag('v*'),
      url: users,
      healthChecks: [
        HealthCheck.http(`${users}/health`, { release: ReleaseIdentity.json('version') }),
        ...(alarm ? [HealthCheck.cloudWatchAlarm(ALARM)] : []),
      ],
      strategy: strategyOf(strategy, kind.engine === undefined ? `${url}/{slot}` : undefined),
      ...(outputs && { variables: { API: users }, afterPromote: commandsWithOutputs(url).afterPromote }),
      ...(around && { beforeDeploy: COMMANDS.beforeDeploy, afterPromote: COMMANDS.afterPromote }),
    }],
    drill: { environments: ['production'] },
    ...(watches && { monitoring: { rollback: { within: Duration.hours(12) } } }),
    ...(webhook !== undefined && { alerts: [Alert.webhook('ALERT_WEBHOOK')] }),
  });
  synthesize(project);
  shorten(outdir, kind);
}

/** The name of the alarm. */
export const ALARM = 'shop-errors';

const ROWS = { intervalMs: 10, successThreshold: 2, failureThreshold: 2 };
/** Each probe is a process, and a machine may be slow. */
const ALARM_TIMES = { timeoutMs: 20_000, deadlineMs: 60_000, propagationMs: 30_000 };

/**
 * Two responses in a row decide, and the bake is over at once: so the same run makes the same number of probes each time. What is
 * asynchronous counts questions, not time: only what never shows takes the whole propagation.
 */
function shorten(outdir: string, { asynchronous }: Kind): void {
  const file = join(outdir, MANIFEST_FILE);
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  const times = { timeoutMs: 2000, deadlineMs: 2500, propagationMs: asynchronous ? 1000 : 1 };
  const environments = manifest.environments.map((environment) => ({
    ...environment,
    strategy: { ...environment.strategy, bakeMs: 1 },
    healthChecks: environment.healthChecks.map((check) => ({ ...check, ...ROWS, ...(check.kind === 'cloudWatchAlarm' ? ALARM_TIMES : times) })),
  }));
  // what projen writes is read-only
  rmSync(file);
  writeFileSync(file, JSON.stringify({ ...manifest, environments }));
}
