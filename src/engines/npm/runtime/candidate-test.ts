import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NpmCli } from './npm-cli';
import { PackageIdentity, sha512In } from './npm-steps';
import { RuntimeContext } from '../../../runtime/context';
import { fieldIn, textIn } from '../../../runtime/json-value';
import { Release } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';
import { runSmokeCommand } from '../../../runtime/targets/smoke-command';
import { NpmDriverManifest } from '../manifest';

export interface CandidateTest {
  readonly cli: NpmCli;
  readonly context: RuntimeContext;
  readonly settings: NpmDriverManifest;
  readonly release: Release;
  readonly identity: PackageIdentity;
  readonly giveUpAt: number;
  readonly pause: (why: string) => Promise<void>;
}

/** How long the registry may take to show a version that was just published. */
const VISIBLE_MS = 120_000;
const INSTALL_MS = 5 * 60_000;

/** Installs a version into an empty project as a user would, and runs the smoke command there. Rejects with `EngineError`. */
export async function testCandidate(given: CandidateTest): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'delivery-npm-'));
  try {
    const project = join(folder, 'project');
    await mkdir(project);
    await writeFile(join(project, 'package.json'), '{"name":"candidate-test","version":"0.0.0","private":true}\n');
    // nothing that this machine has already stands in for the registry
    await install(given, project, { npm_config_cache: join(folder, 'cache'), npm_config_fetch_retries: '2', npm_config_fetch_retry_mintimeout: '1000' });
    await checkInstalled(given, project);
    await smoke(given, project);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A private registry needs the token for the download, and scripts of packages must not see it: they run afterwards. */
async function install({ cli, context, giveUpAt, identity, pause, settings }: CandidateTest, cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  const spec = `${settings.packageName}@${identity.version}`;
  const visibleUntil = context.clock.now() + VISIBLE_MS;
  context.log.line(`install ${spec} into an empty project`);
  for (;;) {
    try {
      await cli.read({ argv: ['install', spec, '--ignore-scripts', '--save-exact'], cwd, env, giveUpAt, timeoutMs: INSTALL_MS });
      break;
    } catch (error) {
      if (!(error instanceof EngineError) || error.kind !== 'notFound' || context.clock.now() >= visibleUntil) throw error;
      await pause(error.message);
    }
  }
  await cli.read({ argv: ['rebuild'], cwd, env, giveUpAt, timeoutMs: INSTALL_MS, runsScripts: true });
}

/** What was downloaded is what the registry names. */
async function checkInstalled({ identity, settings: { packageName } }: CandidateTest, project: string): Promise<void> {
  const text = await readFile(join(project, 'package-lock.json'), 'utf8').catch(() => 'null');
  const packages = fieldIn(JSON.parse(text) as unknown, 'packages');
  const found = sha512In(textIn(fieldIn(packages, `node_modules/${packageName}`), 'integrity'));
  if (identity.integrity === '' || found === identity.integrity) return;
  throw new EngineError('rejected', `npm install got other files than the registry names: the integrity of ${packageName}@${identity.version} is ${found || 'missing'}, expected ${identity.integrity}`);
}

async function smoke({ cli, context, giveUpAt, identity, release, settings }: CandidateTest, cwd: string): Promise<void> {
  const line = settings.smoke;
  if (line === undefined) return;
  const programs = join(cwd, 'node_modules/.bin');
  await runSmokeCommand({ context, line, release, spec: `${settings.packageName}@${identity.version}`, cwd, env: cli.environmentOfScripts, programs, giveUpAt });
}
