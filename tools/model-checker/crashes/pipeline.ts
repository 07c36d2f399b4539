import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { github, javascript, Project } from 'projen';
import { ASYNCHRONOUS_COMMANDS, COMMANDS, commandsWithOutputs, COUNTERS } from './service';
import {
  Alert, Artifact, Delivery, Duration, GitOpsController, HealthCheck, ReleaseIdentity, ServerContainer, ServerSlots,
  StackOutput, Target, TargetBinding, TargetCapability, TargetContext, Trigger,
} from '../../../src';
import { Manifest, MANIFEST_FILE, RUNTIME_FILE, StrategyManifest } from '../../../src/contract/manifest';
import { StrategyKind } from '../../../src/contract/strategies';
import { synthesize } from '../../../test/test-project';
import { LISTENER } from '../../aws-cli-stand-in/slots-stand-in';
import { upstreamsOf } from '../../caddy-stand-in/stand-in';
import { zipOf } from '../../github-api-stand-in/zip';
import { ROLLOUT, writeManifests, writeRollout } from '../../kubectl-stand-in/stand-in';
import { writeTarball } from '../../npm-stand-in/stand-in';
import { HOST_ROOT, hostKeysOf } from '../../ssh-stand-in/stand-in';
import { OneWayTarget } from '../one-way-target';
import { analyzedStrategyOf, hasSlots, hasWeights, strategyData, strategyOf } from '../strategies';

export type EngineKind = 'lambda' | 'staticSite' | 'ecs' | 'githubPages' | 'gitOps' | 'npm' | 'kubernetes' | 'argoRollouts' | 'servers' | 'containers';

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
  /** Whether the target cannot take a release back. @default false */
  readonly oneWay?: boolean;
  /** Whether an alarm of CloudWatch is a health check; it fires some time after the errors. @default false */
  readonly alarm?: boolean;
  /** Whether a canary is also compared with Stable. @default false */
  readonly analyzes?: boolean;
  /** The engine that a driver of the runtime deploys to. @default - a service that commands deploy to */
  readonly engine?: EngineKind;
  /** Whether Caddy is in front of the slots of servers. @default false - HAProxy is */
  readonly caddy?: boolean;
  /** The address of a webhook for notifications. @default - none */
  readonly webhook?: string;
  /** Whether it is watched, and a young release whose check fires goes back by itself. @default false */
  readonly watches?: boolean;
  /** A fault of the bundled runtime. @default - none */
  readonly planted?: PlantedFault;
}

/** `find` stands in the runtime exactly once. */
export interface PlantedFault {
  readonly name: string;
  readonly find: string;
  readonly replace: string;
}

export function nameOf({ strategy, alarm, analyzes, caddy, migrates, around, asynchronous, engine, oneWay, outputs, planted }: Kind): string {
  return `${engine === undefined ? '' : `${engine}${caddy ? ' behind Caddy' : ''}, `}${strategyData(strategy).title}${migrates ? ' with a migration' : ''}${around ? ' with commands around' : ''}${asynchronous ? ', asynchronous' : ''}${oneWay ? ', one way' : ''}${outputs ? ', with outputs' : ''}${alarm ? ', with an alarm' : ''}${analyzes ? ', with an analysis' : ''}${planted ? `, where ${planted.name}` : ''}`;
}

/** What the job that builds made of a release. */
export interface Built {
  /** Of the image or of the packed files, in hex. */
  readonly digest: string;
  /** The artifact that has the files, as a zip; absent for an image. */
  readonly zip?: Buffer;
  /** The digest of the image beside the files, in hex. */
  readonly image?: string;
}

export interface PreparedRepository {
  /** By tag, and that of `main`. */
  readonly commits: Readonly<Record<string, string>>;
  /** By tag, where a job builds. */
  readonly built: Readonly<Record<string, Built>>;
}

export interface RepositoryPlace {
  readonly folder: string;
  /** Of the service. */
  readonly url: string;
  /** The host of the registry, where the engine runs images. */
  readonly registry?: string;
  /** The URL of the repository that a controller follows. */
  readonly deployments?: string;
}

/** A repository of such a project, with three releases. */
export function prepareRepository({ folder, ...place }: RepositoryPlace, kind: Kind): PreparedRepository {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
  mkdirSync(folder);
  synthesizePipeline({ folder, ...place }, kind);
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'an engineer');
  git('config', 'user.email', 'engineer@example.com');
  git('add', '.');
  const commits: Record<string, string> = {};
  const built: Record<string, Built> = {};
  for (const tag of ['v1', 'v2', 'v3']) {
    const made = kind.engine === undefined ? undefined : ENGINES[kind.engine].build(folder, tag, kind);
    if (made !== undefined) built[tag] = made;
    git('add', '.');
    git('commit', '--quiet', '--allow-empty', '--message', tag);
    git('tag', tag);
    commits[tag] = commits.main = git('rev-parse', 'HEAD');
  }
  return { commits, built };
}

interface EngineTarget {
  /** Whether the releases are images of a registry, or have one beside their files. */
  readonly hasImages?: boolean;
  readonly target: (kind: Kind, place: Pick<RepositoryPlace, 'deployments'>) => Target;
  /** Writes the files of a release, to be committed, or builds what the job `build` would. */
  readonly build: (folder: string, tag: string, kind: Kind) => Built | undefined;
}

/** A file whose text is the version. */
const fileOf = (path: string): EngineTarget['build'] => (folder, tag) => {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${tag}\n`);
  return undefined;
};

export const ENGINES: Readonly<Record<EngineKind, EngineTarget>> = {
  lambda: { build: fileOf('function.zip'), target: () => Target.lambda({ functionName: 'shop', alias: 'live', code: 'function.zip' }) },
  staticSite: {
    build: fileOf('site/index.html'),
    target: () => Target.staticSite({ bucket: 'acme-site', directory: 'site', distribution: 'E1A2B3C4D5E6F7', releaseCheck: false }),
  },
  ecs: {
    hasImages: true,
    build: (_, tag) => ({ digest: sha256(tag) }),
    target: ({ strategy }) => Target.ecs({
      cluster: 'shop', ...(hasSlots(strategy) ? { blueGreen: { blue: 'web-blue', green: 'web-green', listener: LISTENER } } : { service: 'web' }),
    }),
  },
  kubernetes: {
    build: (folder, tag) => packed(folder, 'manifests', (path) => writeManifests(path, tag)),
    target: ({ strategy }) => Target.kubernetes({ manifests: 'manifests', namespace: 'shop', ...(hasSlots(strategy) && { slots: { service: 'web' } }) }),
  },
  argoRollouts: {
    build: (folder, tag, { strategy }) => packed(folder, 'manifests', (path) => writeRollout(path, tag, hasWeights(strategy) ? { canary: ROLLOUT.canary } : { blueGreen: ROLLOUT.blueGreen })),
    target: () => Target.kubernetes({ manifests: 'manifests', namespace: 'shop', rollout: 'web' }),
  },
  githubPages: {
    build: (folder, tag) => packed(folder, 'site', (path) => {
      mkdirSync(path);
      writeFileSync(join(path, 'index.html'), `${tag}\n`);
    }),
    target: () => Target.githubPages({ directory: 'site', releaseCheck: false }),
  },
  gitOps: {
    build: (folder, tag) => packed(folder, 'manifests', (path) => writeManifests(path, tag)),
    target: (_, { deployments = '' }) => Target.gitOps({
      repository: deployments, path: 'apps/shop', manifests: 'manifests', tokenSecret: 'DEPLOYMENTS_TOKEN', follows: GitOpsController.flux({ kustomization: 'shop' }),
    }),
  },
  npm: {
    build: (folder, tag) => packed(folder, 'packed', (path) => writeTarball(join(path, 'shop.tgz'), { name: '@acme/shop', version: `${tag.slice(1)}.0.0`, release: tag })),
    target: () => Target.npm({
      packageName: '@acme/shop', directory: 'packed', access: javascript.NpmAccess.PUBLIC, smoke: 'test -e node_modules/@acme/shop/release', tagCheck: false,
    }),
  },
  containers: {
    hasImages: true,
    build: (_, tag) => ({ digest: sha256(tag) }),
    target: () => Target.servers({
      hosts: ['web-1', 'web-2'],
      hostKeys: hostKeysOf(['web-1', 'web-2']),
      user: 'deploy',
      container: ServerContainer.docker({ name: 'shop', ports: ['127.0.0.1:8080:8080'] }),
    }),
  },
  servers: {
    build: (folder, tag) => packed(folder, 'site', (path) => {
      mkdirSync(path);
      writeFileSync(join(path, 'index.html'), `${tag}\n`);
    }),
    target: ({ caddy, strategy }) => Target.servers({
      hosts: ['web-1', 'web-2'],
      hostKeys: hostKeysOf(['web-1', 'web-2', 'proxy']),
      user: 'deploy',
      directory: `${HOST_ROOT}/srv/shop`,
      files: 'site',
      restart: 'shop-restart',
      ...(hasSlots(strategy) && {
        slots: caddy ? ServerSlots.caddy({ hosts: ['proxy'], blue: upstreamsOf('blue'), green: upstreamsOf('green') })
          : ServerSlots.haproxy({ hosts: ['proxy'], backend: 'shop', servers: ['web-1-{slot}', 'web-2-{slot}'] }),
      }),
    }),
  },
};

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

/** Files that the job `build` packs, and that are not committed. */
function packed(folder: string, path: string, write: (path: string) => void): Built {
  const whole = join(folder, path);
  write(whole);
  const tar = execFileSync('tar', ['--sort=name', '--mtime=@0', '-c', '-f', '-', '--', path], { cwd: folder });
  rmSync(whole, { recursive: true });
  const digest = sha256(tar);
  return { digest, zip: zipOf([{ name: `${digest}.tar`, content: tar }]) };
}

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
    return { ...this.target.bind(context), capabilities: [...this.target.bind(context).capabilities ?? [], TargetCapability.OUTPUTS] };
  }
}

function targetOf(kind: Kind, place: RepositoryPlace): Target {
  const { url } = place;
  if (kind.oneWay) return new OneWayTarget(targetOf({ ...kind, oneWay: false }, place));
  const { asynchronous, engine, migrates, outputs, strategy } = kind;
  if (engine === 'argoRollouts' || engine === 'githubPages' || engine === 'gitOps' || engine === 'kubernetes' || engine === 'npm' || engine === 'servers') return ENGINES[engine].target(kind, place);
  if (engine !== undefined) return new CommittedTarget(ENGINES[engine].target(kind, place));
  if (outputs) {
    const { deploy } = commandsWithOutputs(url);
    return new OutputsTarget(Target.commands({ deploy, ...(hasSlots(strategy) && { promote: COMMANDS.promote }) }));
  }
  const { deploy, promote, setWeight } = asynchronous ? ASYNCHRONOUS_COMMANDS : COMMANDS;
  const moves = hasWeights(strategy) ? { setWeight } : { promote };
  return Target.commands({ deploy, ...(hasSlots(strategy) && moves), ...(migrates && { migrate: COMMANDS.migrate }) });
}

/** Synthesizes a project that delivers the service at `url` to `production`, as a user's would be; only the times of its watching are short. */
function synthesizePipeline(place: RepositoryPlace, kind: Kind): void {
  const { folder: outdir, registry, url } = place;
  const { strategy, alarm, around, outputs, webhook, watches } = kind;
  const candidateUrl = kind.engine === undefined || kind.engine === 'ecs' ? `${url}/{slot}` : undefined;
  const users = outputs ? StackOutput.of('Api', 'Url').toString() : url;
  const project = new Project({ name: 'shop', outdir });
  new github.GitHub(project, { mergify: false, pullRequestLint: false });
  new Delivery(project, {
    target: targetOf(kind, place),
    ...(registry !== undefined && { artifact: Artifact.image({ repository: `${registry}/acme/shop` }) }),
    environments: [{
      name: 'production',
      trigger: Trigger.tag('v*'),
      url: users,
      healthChecks: [
        HealthCheck.http(`${users}/health`, { release: ReleaseIdentity.json('version') }),
        ...(alarm ? [HealthCheck.cloudWatchAlarm(ALARM)] : []),
      ],
      strategy: kind.analyzes ? analyzedStrategyOf(COUNTERS, candidateUrl) : strategyOf(strategy, candidateUrl),
      ...(outputs && { variables: { API: users }, afterPromote: commandsWithOutputs(url).afterPromote }),
      ...(around && { beforeDeploy: COMMANDS.beforeDeploy, afterPromote: COMMANDS.afterPromote }),
    }],
    ...(kind.oneWay ? {} : { drill: { environments: ['production'] } }),
    ...(watches && { monitoring: { rollback: { within: Duration.hours(12) } } }),
    ...(webhook !== undefined && { alerts: [Alert.webhook('ALERT_WEBHOOK')] }),
  });
  synthesize(project);
  if (kind.planted) plant(join(outdir, RUNTIME_FILE), kind.planted);
  shorten(outdir, kind);
}

function plant(file: string, { name, find, replace }: PlantedFault): void {
  const text = readFileSync(file, 'utf8');
  if (text.split(find).length !== 2) throw new Error(`planted fault "${name}": the runtime does not hold this text exactly once: ${find}`);
  // what projen writes is read-only
  rmSync(file);
  writeFileSync(file, text.replace(find, () => replace));
}

/** The name of the alarm. */
export const ALARM = 'shop-errors';

const ROWS = { intervalMs: 10, successThreshold: 2, failureThreshold: 2 };
/** Each probe is a process, and a machine may be slow. A process that recovers waits for all of the propagation. */
const ALARM_TIMES = { intervalMs: 500, timeoutMs: 20_000, deadlineMs: 60_000, propagationMs: 15_000 };
/** Beside an alarm: all the time that it waits, the service is probed, too. */
const BESIDE_ALARM = { intervalMs: 200 };

/**
 * Two responses in a row decide, and the bake is over at once: so the same run makes the same number of probes each time. What is
 * asynchronous counts questions, not time: only what never shows takes the whole propagation.
 */
function shorten(outdir: string, { alarm, asynchronous }: Kind): void {
  const file = join(outdir, MANIFEST_FILE);
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  const times = { timeoutMs: 2000, deadlineMs: 2500, propagationMs: asynchronous ? 1000 : 1, ...(alarm && BESIDE_ALARM) };
  const environments = manifest.environments.map((environment) => ({
    ...environment,
    strategy: { ...environment.strategy, bakeMs: 1, ...quickAnalysis(environment.strategy) },
    healthChecks: environment.healthChecks.map((check) => ({ ...check, ...ROWS, ...(check.kind === 'cloudWatchAlarm' ? ALARM_TIMES : times) })),
  }));
  // what projen writes is read-only
  rmSync(file);
  const runtime = { ...manifest.runtime, sha256: sha256(readFileSync(join(outdir, RUNTIME_FILE))) };
  writeFileSync(file, JSON.stringify({ ...manifest, runtime, environments }));
}

/** Each measurement is a block, and a few of them are a verdict: so the same run makes the same number of them each time. */
function quickAnalysis({ analysis }: StrategyManifest): Pick<StrategyManifest, 'analysis'> {
  const metrics = analysis?.metrics.map(({ errors, metric, ...rest }) => (
    { ...rest, errors: errors && { ...errors, blockMs: 1, missRate: 0.6 }, metric: { ...metric, intervalMs: 10, timeoutMs: 20_000 } }
  ));
  return analysis && metrics ? { analysis: { ...analysis, metrics } } : {};
}
