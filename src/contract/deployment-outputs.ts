import { EnvironmentManifest } from './environment-manifest';
import { HealthCheckManifest } from './health-check-manifest';

/**
 * Values that are known only after a deployment, for example the URL of an API that it creates. URLs and variables of the manifest hold a
 * placeholder for each: `{output:Api.Url}` is the output `Url` of the stack `Api`.
 */
export interface DeploymentOutputs {
  /** By `<stack>.<output>`. */
  readonly [name: string]: string;
}

/** A stack's name as CloudFormation has it, and the key of an output. */
export const OUTPUT_STACK = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;
export const OUTPUT_KEY = /^[A-Za-z0-9]{1,255}$/;

const PLACEHOLDER = /\{output:([A-Za-z][A-Za-z0-9-]{0,127}\.[A-Za-z0-9]{1,255})\}/g;

/** Returns the placeholder of an output. */
export function outputPlaceholder(stack: string, key: string): string {
  return `{output:${stack}.${key}}`;
}

/** Returns the names of the outputs that a text has placeholders for. */
export function outputsIn(text: string): string[] {
  return [...new Set([...text.matchAll(PLACEHOLDER)].map(([, name]) => name!))];
}

/** Replaces the placeholders whose outputs are known. A slash that ends an output and one that follows it become one. */
export function fillOutputs(text: string, outputs: DeploymentOutputs): string {
  return replaceOutputs(text, (name) => (Object.hasOwn(outputs, name) ? outputs[name] : undefined));
}

/** Replaces placeholders; those without a value stay. */
export function replaceOutputs(text: string, valueOf: (name: string) => string | undefined): string {
  return text.replace(PLACEHOLDER, (placeholder, name: string, at: number) => {
    const value = valueOf(name);
    if (value === undefined) return placeholder;
    // API Gateway's URL ends with a slash, and serves another path with `//`
    return text[at + placeholder.length] === '/' ? value.replace(/\/$/, '') : value;
  });
}

/** Describes the outputs that a text lacks; undefined if it lacks none. */
export function lackingIn(text: string): string | undefined {
  const names = outputsIn(text);
  return names.length === 0 ? undefined : `the output ${names.join(', ')} is not known: no deployment has recorded it`;
}

/** Returns the names of the outputs that an environment needs. */
export function outputsOf({ healthChecks, url, variables, watchChecks = [] }: Pick<EnvironmentManifest, 'healthChecks' | 'url' | 'variables' | 'watchChecks'>): string[] {
  const texts = [url, ...Object.values(variables), ...[...healthChecks, ...watchChecks].flatMap(urlsOf)];
  return [...new Set(texts.flatMap(outputsIn))].sort();
}

/** Returns the environment with the outputs that are known. A variable whose output is unknown is left out; a URL keeps its placeholder. */
export function withOutputs(environment: EnvironmentManifest, outputs: DeploymentOutputs): EnvironmentManifest {
  const { healthChecks, url, variables, watchChecks } = environment;
  const filled = Object.entries(variables).map(([name, value]) => [name, fillOutputs(value, outputs)] as const);
  return {
    ...environment,
    url: fillOutputs(url, outputs),
    variables: Object.fromEntries(filled.filter(([, value]) => outputsIn(value).length === 0)),
    healthChecks: healthChecks.map((check) => checkWithOutputs(check, outputs)),
    ...(watchChecks && { watchChecks: watchChecks.map((check) => checkWithOutputs(check, outputs)) }),
  };
}

function checkWithOutputs(check: HealthCheckManifest, outputs: DeploymentOutputs): HealthCheckManifest {
  if ('checks' in check) return { ...check, checks: check.checks.map((member) => checkWithOutputs(member, outputs)) };
  return check.kind === 'http' ? { ...check, url: fillOutputs(check.url, outputs) } : check;
}

/** Returns the URLs of a check in which placeholders are replaced. */
function urlsOf(check: HealthCheckManifest): string[] {
  if ('checks' in check) return check.checks.flatMap(urlsOf);
  return check.kind === 'http' ? [check.url] : [];
}

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/** Whether the host is this machine: plain http to it cannot be read on the way. */
export function isLoopback({ hostname }: URL): boolean {
  return LOOPBACK.test(hostname);
}
