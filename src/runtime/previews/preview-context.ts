import { PreviewLedger } from './preview-ledger';
import { COMMAND_VARIABLE, JOB_VARIABLE } from '../../contract/environment-variables';
import { EnvironmentManifest, Manifest, PREVIEW_NUMBER, PREVIEW_NUMBER_IN_PATH, pullRequestOfPreview, SHARED_PREVIEW } from '../../contract/manifest';
import { RuntimeContext } from '../context';
import { ConfigurationError } from '../errors';
import { joined, lazily } from '../lazily';
import { commitOf } from '../processes/git';

/** The context of a preview: its ledger reaches no other environment. */
export interface PreviewContext extends RuntimeContext {
  readonly ledger: PreviewLedger;
}

/**
 * Returns the manifest of a preview, whose only environment is the preview; undefined for the name of another environment. Files and alerts are
 * those of releases: a preview is built in its own job, and notifies no one.
 */
export function previewManifest(manifest: Manifest, name: string, env: NodeJS.ProcessEnv): Manifest | undefined {
  const { previews } = manifest;
  if (!previews || manifest.environments.some((one) => one.name === name)) return undefined;
  const number = previews.isShared ? (name === SHARED_PREVIEW ? numberIn(env) : undefined) : pullRequestOfPreview(name);
  if (number === undefined) return undefined;
  return { ...manifest, environments: [environmentOf(previews.environment, name, number)], artifact: undefined, image: undefined, alerts: undefined };
}

/** The number of the pull request that this job is for. */
function numberIn(env: NodeJS.ProcessEnv): number | undefined {
  const text = env[JOB_VARIABLE.PULL_REQUEST] ?? '';
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

function environmentOf(template: EnvironmentManifest, name: string, number: number): EnvironmentManifest {
  const numbered = <T>(value: T) => withNumber(value, number) as T;
  const url = numbered(template.url);
  return {
    ...template,
    name,
    url,
    healthChecks: numbered(template.healthChecks),
    variables: { ...numbered(template.variables), [COMMAND_VARIABLE.PREVIEW]: String(number), [COMMAND_VARIABLE.PREVIEW_URL]: url },
  };
}

function withNumber(value: unknown, number: number): unknown {
  if (typeof value === 'string') return value.replaceAll(PREVIEW_NUMBER, String(number)).replaceAll(PREVIEW_NUMBER_IN_PATH, String(number));
  if (Array.isArray(value)) return value.map((one) => withNumber(one, number));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withNumber(one, number)]));
}

/** The commit is the one that the job is for: the run of a pull request is for a merge, which no preview shows. */
export function previewContext(context: RuntimeContext): PreviewContext {
  const run = lazily(() => ({ ...context.run, sha: commitIn(context.processEnv) ?? commitOf(context.root, 'HEAD') ?? context.run.sha }));
  const ledger = lazily(() => new PreviewLedger(context.ledger.options, context.environment.name, () => context.run.id));
  return joined(context, {
    get run() {
      return run();
    },
    get ledger() {
      return ledger();
    },
  });
}

/** The full sha that the job names. */
export function commitIn(env: NodeJS.ProcessEnv): string | undefined {
  const text = env[JOB_VARIABLE.COMMIT] ?? '';
  return /^[0-9a-f]{40}$/.test(text) ? text : undefined;
}

/** The same context for another commit. */
export function withCommit(context: PreviewContext, sha: string): PreviewContext {
  return joined(context, { run: { ...context.run, sha } });
}

/** Throws `ConfigurationError` for the context of another environment: its records must stay out of reach. */
export function requirePreview(context: RuntimeContext): PreviewContext {
  if (context.ledger instanceof PreviewLedger) return context as PreviewContext;
  throw new ConfigurationError(`${context.environment.name} is no preview. The previews are called preview-<number of the pull request>.`);
}

/** The number of the pull request that a preview belongs to. */
export function pullRequestOf({ environment }: RuntimeContext): number {
  return Number(environment.variables[COMMAND_VARIABLE.PREVIEW]);
}
