import { isMap, Violation, violation } from './violation';
import { USER_VARIABLE, VARIABLE_PREFIX } from '../../../contract/environment-variables';
import { show } from '../../../validation/validation-error';
import { WrittenStep } from '../workflows/written-workflow';

/** The variables by which GitHub passes inputs to actions: an input without a default is read from a variable that someone else set. */
const INPUT_PREFIX = 'INPUT_';

/** Node's switch, which the runtime obeys, too. */
const ACCEPTS_CERTIFICATES = 'NODE_TLS_REJECT_UNAUTHORIZED';

const DETERMINED = 'only the ledger and the run determine what is deployed';

/**
 * Rejects variables that the runtime trusts: they say where the ledger is and how far the release came. And those that actions take for inputs, or
 * that let health checks accept every certificate.
 */
export function reserved(env: unknown, ours: Record<string, unknown> = {}, key = 'env'): Violation | undefined {
  if (typeof env === 'string') return unknown(key, env, 'Name the variables one by one');
  return trustedOf(key, Object.entries(isMap(env) ? env : {}).filter(([name]) => !(name in ours)));
}

/** What a container sets is there for every step. */
export function reservedOfContainer(container: unknown): Violation | undefined {
  if (typeof container === 'string') return /\bfromJSON\b/i.test(container) ? unknown('container', container, 'Write the image, the variables and the options one by one') : undefined;
  if (!isMap(container)) return undefined;
  return reserved(container.env, {}, 'container.env') ?? ofOptions(String(container.options ?? ''));
}

function unknown(key: string, text: string, fix: string): Violation {
  return violation(key, `is ${show(text)}, which may set DELIVERY_... variables, which breaks the guarantee that ${DETERMINED}`, fix);
}

/** @param variables their names and values */
function trustedOf(key: string, variables: readonly (readonly [string, unknown])[]): Violation | undefined {
  for (const [name, value] of variables) {
    const wrong = wrongWith(name, value);
    if (wrong) return violation(key, `sets ${name}${wrong.fault}`, wrong.fix);
  }
  return undefined;
}

/** @param value absent if it is not known */
function wrongWith(name: string, value?: unknown): Pick<Violation, 'fault' | 'fix'> | undefined {
  // Windows ignores the letter case
  const known = name.toUpperCase();
  const fix = `Give your variable a name without ${name.slice(0, name.indexOf('_') + 1)} in front`;
  if (known.startsWith(VARIABLE_PREFIX) && known !== USER_VARIABLE.DEBUG) return { fault: `, which breaks the guarantee that ${DETERMINED}`, fix };
  if (known.startsWith(INPUT_PREFIX)) return { fault: `, which GitHub takes for an input of an action, which breaks the guarantee that ${DETERMINED}`, fix };
  if (known !== ACCEPTS_CERTIFICATES || String(value) === '1') return undefined;
  return {
    fault: `: ${show(value)}, with which health checks accept every certificate, which breaks the guarantee that a verdict is about the service that users reach`,
    fix: 'Set NODE_EXTRA_CA_CERTS to the file of your certificate authority instead',
  };
}

/** Words of a shell. An expression may contain spaces. */
const WORD = /(?:"[^"]*"|'[^']*'|\$\{\{.*?\}\}|[^\s"'])+/g;

/** `-e` may stand behind flags without a value. */
const VARIABLE_FLAG = /^(?:--env(?:=|$)|-[ditPq]*e=?)/;

/** The options of `docker create`. */
function ofOptions(options: string): Violation | undefined {
  const words = options.match(WORD) ?? [];
  const bare = words.map((word) => word.replace(/["']/g, ''));
  if (words.some((word) => word.startsWith('${{'))) return unknown('container.options', options, 'Write the flags one by one: --user=${{ vars.USER }}');
  if (bare.some((word) => /^--env-file(=|$)/.test(word))) return unknown('container.options', options, 'Set the variables in container.env');
  const values = bare.flatMap((word, i) => (VARIABLE_FLAG.test(word) ? [word.replace(VARIABLE_FLAG, '') || (bare[i + 1] ?? '')] : []));
  if (values.some((value) => value.startsWith('${{'))) return unknown('container.options', options, 'Set the variables in container.env');
  return trustedOf('container.options', values.map((value) => [value.split('=')[0], value.split('=')[1]] as const));
}

/** How a step sets variables of the steps behind it. */
const SETS = /GITHUB_ENV|\bgithub\s*\.\s*env\b|\bexportVariable\b/i;

/** Where a variable is only read. */
const READ = /(?:\$?\benv[.:]|\$\{?)\s*\w+/gi;

/** Returns the trusted variable that another component's step names where it sets those of the steps behind it. */
export function givenToLaterSteps({ run, with: inputs }: WrittenStep): string | undefined {
  const text = [run, isMap(inputs) ? inputs.script : undefined].filter((one) => typeof one === 'string').join('\n');
  if (!SETS.test(text)) return undefined;
  const set = text.replace(/^\s*#.*$/gm, '').replace(READ, ' ');
  return (set.match(/(?<!\w)(?:DELIVERY_|INPUT_|NODE_TLS_)\w+/gi) ?? []).find((name) => wrongWith(name) !== undefined);
}
