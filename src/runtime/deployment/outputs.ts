import { DeploymentOutputs, fillOutputs, isLoopback, outputsIn, withOutputs } from '../../contract/deployment-outputs';
import { EnvironmentManifest, HealthCheckManifest } from '../../contract/manifest';
import { OUTPUTS, URL_OUTPUT } from '../../contract/outputs';
import { RuntimeContext } from '../context';
import { EnvironmentHistory } from '../ledger/history';
import { jsonOf, RECORDED_LIMIT } from '../ledger/recorded-outputs';
import { safeLine, webUrl } from '../reporting/untrusted-text';
import { driverOf } from '../targets/driver-registry';
import { EngineError } from '../targets/engine-error';

/** The outputs of an existing service are a help, and not worth a long wait. */
const PATIENCE_MS = 15_000;
const VALUE_LIMIT = 500;
/** Of a job's output. GitHub's limit is 1 MB for all of them. */
const PUBLISHED_LIMIT = 100_000;
/** Of the outputs that a message lists. */
const LISTED = 10;

/** The environment with its placeholders, as synthesis wrote it. */
export function asSynthesized({ environment, manifest }: Pick<RuntimeContext, 'environment' | 'manifest'>): EnvironmentManifest {
  return manifest.environments.find(({ name }) => name === environment.name) ?? environment;
}

/** The same context, in whose environment these outputs replace their placeholders. */
export function contextWith(context: RuntimeContext, deploymentOutputs: DeploymentOutputs | undefined): RuntimeContext {
  const environment = asSynthesized(context);
  if (!environment.outputs || !deploymentOutputs) return context;
  const filled = withOutputs(environment, deploymentOutputs);
  const changes = { environment: filled, deploymentOutputs, ...(context.proberOf && { probe: context.proberOf(filled) }) };
  // some fields are read when they are needed, so they are not copied
  return Object.defineProperties({} as RuntimeContext, {
    ...Object.getOwnPropertyDescriptors(context),
    ...Object.getOwnPropertyDescriptors(changes),
  });
}

/**
 * The same context, with the outputs of what is live: those that the ledger recorded, else what the engine says. A job that only looks is
 * not signed in, so the ledger comes first. Rejects with `EventLogError`.
 */
export async function withKnownOutputs(context: RuntimeContext, { asksEngine = false } = {}): Promise<RuntimeContext> {
  const environment = asSynthesized(context);
  if (!environment.outputs) return context;
  const recorded = await new EnvironmentHistory(context.ledger, environment.name).outputs();
  return contextWith(context, recorded ?? (asksEngine ? await outputsOfEngine(context) : undefined) ?? {});
}

async function outputsOfEngine(context: RuntimeContext): Promise<DeploymentOutputs | undefined> {
  try {
    const found = await driverOf(context)?.outputs?.(context.clock.now() + PATIENCE_MS);
    return found && checkedOutputs(asSynthesized(context), found).needed;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    context.log.line(`the outputs of ${context.environment.name} are unknown until a deployment: ${error.message}`);
    return undefined;
  }
}

export type CheckedOutputs =
  | { readonly needed: DeploymentOutputs; readonly fault?: undefined }
  | { readonly needed?: undefined; readonly fault: string };

/** Takes what the environment needs from the outputs of a deployment, which are untrusted text. */
export function checkedOutputs(environment: EnvironmentManifest, outputs: DeploymentOutputs): CheckedOutputs {
  const names = environment.outputs?.names ?? [];
  for (const name of names) {
    const fault = faultOf(name, Object.hasOwn(outputs, name) ? outputs[name] : undefined, outputs);
    if (fault !== undefined) return { fault };
  }
  const needed = Object.fromEntries(names.map((name) => [name, outputs[name]!]));
  const fault = urlFault(environment, needed);
  if (fault !== undefined) return { fault };
  const { length } = jsonOf(needed);
  if (length > RECORDED_LIMIT) return { fault: `the outputs ${names.join(', ')} are too long to be recorded: ${length} of at most ${RECORDED_LIMIT} characters` };
  return { needed };
}

function faultOf(name: string, value: string | undefined, outputs: DeploymentOutputs): string | undefined {
  if (value === undefined) {
    const all = Object.keys(outputs);
    const listed = all.length === 0 ? 'it has none' : `it has ${all.slice(0, LISTED).map((one) => safeLine(one, 80)).join(', ')}${all.length > LISTED ? ', ...' : ''}`;
    return `the deployment has no output ${name}: ${listed}. Add the output to the stack, or correct StackOutput.of`;
  }
  if (value.trim() === '') return `the output ${name} is empty`;
  if (/[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/u.test(value)) return `the output ${name} is not one line of text: ${safeLine(value, 80)}`;
  return value.length > VALUE_LIMIT ? `the output ${name} is longer than ${VALUE_LIMIT} characters` : undefined;
}

function urlFault(environment: EnvironmentManifest, needed: DeploymentOutputs): string | undefined {
  const { healthChecks, outputs, url, watchChecks = [] } = environment;
  const urls = [{ what: 'url', text: url, isInsecure: outputs?.allowInsecure }, ...[...healthChecks, ...watchChecks].flatMap(urlsOf)];
  for (const { isInsecure, what, text } of urls.filter((one) => outputsIn(one.text).length > 0)) {
    const filled = fillOutputs(text, needed);
    const shown = `${outputsIn(text).map((name) => `the output ${name}`).join(' and ')} of ${what}`;
    if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(filled) || /\s/.test(filled) || !URL.canParse(filled)) return `${shown} makes no URL: ${safeLine(filled, 120)}`;
    const made = new URL(filled);
    const { password, protocol, username } = made;
    // the text is not repeated: it would show the password
    if (username !== '' || password !== '') return `${shown} makes a URL with credentials in it`;
    if (protocol === 'http:' ? !isInsecure && !isLoopback(made) : protocol !== 'https:') {
      return `${shown} makes a URL that is not https: ${safeLine(filled, 120)}. ${protocol === 'http:' ? 'Serve it with https, or set allowInsecure: true' : 'Name an output with a URL'}`;
    }
  }
  return undefined;
}

function urlsOf(check: HealthCheckManifest): { readonly what: string; readonly text: string; readonly isInsecure?: true }[] {
  if ('checks' in check) return check.checks.flatMap(urlsOf);
  return check.kind === 'http' ? [{ what: `the health check ${check.name}`, text: check.url, isInsecure: check.allowInsecure }] : [];
}

/** The outputs of the job. */
export function publishedOutputs({ environment }: Pick<RuntimeContext, 'environment'>, outputs: DeploymentOutputs | undefined): Record<string, string> {
  if (!outputs) return {};
  const json = jsonOf(outputs);
  return { [URL_OUTPUT]: webUrl(environment.url)?.href ?? '', [OUTPUTS]: json.length > PUBLISHED_LIMIT ? '{}' : json };
}

/** The needed ones of all outputs. */
export function neededOf(context: RuntimeContext, outputs: DeploymentOutputs): DeploymentOutputs {
  const names = asSynthesized(context).outputs?.names ?? [];
  return Object.fromEntries(names.filter((name) => Object.hasOwn(outputs, name)).map((name) => [name, outputs[name]!]));
}
