import { RehearsalError } from './scenario';
import { ServiceCall } from './service';
import { isLoopback } from '../../src/contract/deployment-outputs';
import {
  AddressManifest, CommandManifest, EnvironmentManifest, HealthCheckManifest, HttpCheckManifest, Manifest, secretsOf, TargetCommandManifest,
  TargetManifest,
} from '../../src/contract/manifest';
import { strategyOf } from '../../src/runtime/strategies/rollout-strategy';

/** A rehearsal that executes the project's own commands in one environment. */
export interface OwnCommands {
  readonly environment: string;
  /** Where the commands deploy to, in place of the environment's URL. */
  readonly url: string;
  /** Other texts of the environment to replace. */
  readonly replacements: readonly Replacement[];
  /** What is deployed first. @default 'HEAD' */
  readonly before?: string;
  /** The slot that users are on when the rehearsal begins. @default - none */
  readonly slot?: Slot;
}

export const SLOTS = ['blue', 'green'] as const;
export type Slot = typeof SLOTS[number];

/** `--replace from=to` */
export interface Replacement {
  readonly from: string;
  readonly to: string;
}

export interface OwnEnvironment {
  readonly environment: EnvironmentManifest;
  /** The first HTTP check whose response names the release. */
  readonly identity?: HttpCheckManifest;
  readonly notes: readonly string[];
}

/** What looks at the world around a service: it is not rehearsed. */
const NOT_REHEARSED: readonly HealthCheckManifest['kind'][] = ['dns', 'certificate', 'cloudWatchAlarm'];

/**
 * Returns the environment with its own commands, variables and waits. Its addresses lead where the options say. Throws `RehearsalError` where
 * one of them would lead to a real environment.
 */
export function ownEnvironment(manifest: Manifest, own: OwnCommands, address: (call: ServiceCall) => string): OwnEnvironment {
  const environment = manifest.environments.find(({ name }) => name === own.environment)!;
  const notes: string[] = [];
  checkTarget(environment);
  if (own.slot !== undefined && strategyOf(environment).slots.length === 0) {
    throw new RehearsalError(`--slot ${own.slot}: the strategy of ${environment.name} (${environment.strategy.kind}) has no slots. Leave --slot out.`);
  }
  const replaced = replacer(environment, own);
  const rules: Rules = { name: own.environment, reached: hostsReached(own), real: realHosts(manifest), replaced, notes };
  checkUrl(own.url, rules);
  const healthChecks = environment.healthChecks.flatMap((check) => ownCheck(check, rules));
  if (healthChecks.length === 0) throw new RehearsalError(`no health check of ${environment.name} can be rehearsed: ${notes.join('; ')}. Rehearse it without --no-dry.`);
  const { beforeDeploy, afterPromote, controlUrl, freezes, strategy, target, variables, watchChecks, ...rest } = environment;
  if (freezes.length > 0) notes.push(`${environment.name}: its freezes are ignored`);
  if (controlUrl) notes.push(`${environment.name}: its control URL is not probed`);
  const { candidateUrl, ...restOfStrategy } = strategy;
  const observed = (call: ServiceCall, command: CommandManifest): CommandManifest => observedCommand(address(call), command);
  return {
    environment: {
      ...rest,
      url: own.url,
      variables: Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, ownVariable(key, value, rules)])),
      strategy: { ...restOfStrategy, ...(candidateUrl !== undefined && { candidateUrl: ownUrl('its candidate URL', candidateUrl, rules) }) },
      target: observedTarget(target, observed),
      ...(beforeDeploy && { beforeDeploy: observed('beforeDeploy', beforeDeploy) }),
      ...(afterPromote && { afterPromote: observed('afterPromote', afterPromote) }),
      healthChecks,
      freezes: [],
    },
    identity: healthChecks.flatMap(membersOf).find((check) => check.kind === 'http' && check.release !== undefined) as HttpCheckManifest | undefined,
    notes,
  };
}

/** Returns the values of the environment's secrets, which are in variables of the same names. Throws `RehearsalError` with the names that lack. */
export function ownSecrets({ healthChecks, name, secrets }: EnvironmentManifest, env: NodeJS.ProcessEnv): Record<string, string> {
  const names = [...new Set([...secrets, ...healthChecks.flatMap(secretsOf)])];
  const lacking = names.filter((secret) => !env[secret]);
  if (lacking.length > 0) {
    throw new RehearsalError(`the commands and health checks of ${name} get the secrets ${names.join(', ')}, and no variable ${lacking.join(', ')} is set in this terminal. Set ${lacking.length === 1 ? 'it' : 'them'} to a value for rehearsals.`);
  }
  return Object.fromEntries(names.map((secret) => [secret, env[secret]!]));
}

/** Reads `from=to`. */
export function replacementOf(text: string): Replacement {
  const at = text.indexOf('=');
  if (at < 1) throw new RehearsalError(`--replace ${text}: it must be <text>=<other text>, for example --replace https://api.example.com=http://127.0.0.1:8081`);
  return { from: text.slice(0, at), to: text.slice(at + 1) };
}

interface Rules {
  /** Of the environment. */
  readonly name: string;
  /** The hosts that the options name. */
  readonly reached: ReadonlySet<string>;
  /** The hosts of the delivery's environments, except this machine. */
  readonly real: ReadonlySet<string>;
  readonly replaced: (text: string) => string;
  readonly notes: string[];
}

/** A driver deploys to an account, a cluster or a registry, whatever the URL is. */
function checkTarget({ login, name, target }: EnvironmentManifest): void {
  const instead = 'Rehearse it without --no-dry: a local service takes its place.';
  if (target.driver) {
    throw new RehearsalError(`${name} is deployed by the engine ${target.driver.kind}, which finds its place in its own settings and not by --url: its commands would change the real one. ${instead}`);
  }
  if (login) throw new RehearsalError(`the commands of ${name} sign in to a cloud (${login.kind}), and a rehearsal has no roles. ${instead}`);
}

function checkUrl(url: string, { name, real }: Rules): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const example = 'Name the address at which the service on this machine is reached, for example --url http://127.0.0.1:8080';
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol)) throw new RehearsalError(`--url ${url} is no http or https URL. ${example}`);
  if (parsed.username || parsed.password) throw new RehearsalError(`--url has credentials in it. ${example}`);
  if (real.has(parsed.host)) {
    throw new RehearsalError(`--url ${url} is an address of a real environment of this delivery. A rehearsal of ${name} has its own records, so it would deploy past the records and the lock of that environment. ${example}`);
  }
}

function replacer({ url }: EnvironmentManifest, own: OwnCommands): (text: string) => string {
  const origin = originOf(url);
  const ownOrigin = originOf(own.url) ?? own.url;
  // not the beginning of a longer host or port
  const pattern = origin === undefined ? undefined : new RegExp(`${origin.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w.:-])`, 'gi');
  return (text) => {
    const rest = own.replacements.reduce((all, { from, to }) => all.replaceAll(from, to), text);
    return pattern ? rest.replace(pattern, () => ownOrigin) : rest;
  };
}

/** `https://www.example.com`, also where the host has a placeholder. */
function originOf(url: string): string | undefined {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#]+/i.exec(url)?.[0];
}

/** `www.example.com:8443` */
function hostOf(url: string): string | undefined {
  return originOf(url)?.replace(/^[^:]*:\/\//, '').toLowerCase();
}

function isHere(host: string): boolean {
  return URL.canParse(`http://${host}`) && isLoopback(new URL(`http://${host}`));
}

function hostsReached({ replacements, url }: OwnCommands): Set<string> {
  return new Set([url, ...replacements.map(({ to }) => to)].map((text) => hostOf(text) ?? text.toLowerCase()));
}

function realHosts({ environments }: Manifest): Set<string> {
  const urls = environments.flatMap(({ healthChecks, strategy, url }) => [
    url, ...(strategy.candidateUrl === undefined ? [] : [strategy.candidateUrl]), ...healthChecks.flatMap(membersOf).map((check) => check.url),
  ]);
  return new Set(urls.flatMap((url) => hostOf(url) ?? []).filter((host) => !isHere(host)));
}

/** The checks of a group, else the check. */
function membersOf(check: HealthCheckManifest): HealthCheckManifest[] {
  return 'checks' in check ? check.checks.flatMap(membersOf) : [check];
}

function ownUrl(what: string, url: string, rules: Rules): string {
  const own = rules.replaced(url);
  checkReached(what, own, `${originOf(own) ?? own}=http://127.0.0.1:<port>`, rules);
  return own;
}

function checkReached(what: string, url: string, replacement: string, { name, reached }: Rules): void {
  const host = hostOf(url);
  if (host !== undefined && (isHere(host) || reached.has(host))) return;
  throw new RehearsalError(`${name}: ${what} leads to ${host ?? url}, which is neither --url nor on this machine. Set what takes its place: --replace ${replacement}`);
}

function ownVariable(key: string, value: string, { name, real, replaced }: Rules): string {
  const own = replaced(value);
  const host = [...real].find((one) => own.toLowerCase().includes(one));
  if (host === undefined) return own;
  throw new RehearsalError(`${name}: the variable ${key} is ${own}, and ${host} belongs to a real environment of this delivery. Set what takes its place: --replace ${host}=<other text>`);
}

/** No check if it is not rehearsed. */
function ownCheck(check: HealthCheckManifest, rules: Rules): HealthCheckManifest[] {
  if ('checks' in check) {
    const checks = check.checks.flatMap((member) => ownCheck(member, rules));
    return checks.length === 0 ? [] : [{ ...check, checks }];
  }
  if (NOT_REHEARSED.includes(check.kind)) {
    rules.notes.push(`${rules.name}: ${check.name} (${check.kind}) is not rehearsed: it looks at the world around the service`);
    return [];
  }
  if (check.kind === 'tcp') return [{ ...check, address: ownAddress(check, check.address, rules), ...(check.candidate && { candidate: ownAddress(check, check.candidate, rules) }) }];
  if (check.kind === 'http') return [ownHttpCheck(check, rules)];
  return [check.kind === 'prometheus' ? { ...check, url: ownUrl(`the health check ${check.name}`, check.url, rules) } : check];
}

function ownHttpCheck(check: HttpCheckManifest, rules: Rules): HttpCheckManifest {
  const { certificateExpiryMs, ...rest } = check;
  const url = ownUrl(`the health check ${check.name}`, check.url, rules);
  if (certificateExpiryMs === undefined || url.startsWith('https:')) return { ...check, url };
  rules.notes.push(`${rules.name}: ${check.name}: its certificate is not rehearsed`);
  return { ...rest, url };
}

function ownAddress({ name }: HealthCheckManifest, { host, port }: AddressManifest, rules: Rules): AddressManifest {
  const own = rules.replaced(`${host}:${port}`);
  checkReached(`the health check ${name}`, `tcp://${own}`, `${own}=127.0.0.1:<port>`, rules);
  const [, ownHost, ownPort = port] = /^(.*?)(?::(\d+))?$/.exec(own)!;
  return { host: ownHost!, port: Number(ownPort) };
}

function observedTarget(
  { deploy, migrate, noRollback, promote, rollback, setWeight, warmUp }: TargetManifest,
  observed: (call: ServiceCall, command: CommandManifest) => CommandManifest,
): TargetManifest {
  const own = (call: ServiceCall, command: TargetCommandManifest): CommandManifest => {
    // a target without a driver has none of its calls
    if (command.kind === 'driver') throw new RehearsalError(`${call} is a call of an engine that the target does not name. Run npx projen.`);
    return observed(call, command);
  };
  return {
    deploy: own('deploy', deploy),
    ...(migrate && { migrate: own('migrate', migrate) }),
    ...(promote && { promote: own('promote', promote) }),
    ...(setWeight && { setWeight: own('setWeight', setWeight) }),
    ...(rollback && { rollback: own('rollback', rollback) }),
    ...(warmUp && { warmUp: own('warmUp', warmUp) }),
    ...(noRollback !== undefined && { noRollback }),
  };
}

/**
 * Executes a command as it is, and reports its begin and its end to the rehearsal, which may let it fail instead. The command gets the same
 * variables, folder and signals as without it.
 */
function observedCommand(address: string, command: CommandManifest): CommandManifest {
  const script = [
    'const [address, file, ...args] = process.argv.slice(1);',
    "const variables = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('DELIVERY_')));",
    "const report = (what) => new Promise((resolve, reject) => require('node:http').request(`${address}/${what}`, { method: 'POST' }, (response) => {",
    '  response.pipe(process.stdout, { end: false });',
    '  response.on("end", () => resolve(response.statusCode === 200));',
    '}).on("error", reject).end(JSON.stringify(variables)));',
    "report('begin').then((goes) => {",
    '  if (!goes) return void (process.exitCode = 1);',
    "  const child = require('node:child_process').spawn(file, args, { stdio: 'inherit' });",
    "  child.on('error', (error) => { console.log(error.message); process.exitCode = 1; });",
    "  child.on('exit', (code) => report(code === 0 ? 'success' : 'failure').then(() => { process.exitCode = code ?? 1; }));",
    '});',
  ].join('\n');
  const words = command.kind === 'exec' ? command.argv : ['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', '--', command.line];
  return { kind: 'exec', argv: [process.execPath, '-e', script, address, ...words] };
}
