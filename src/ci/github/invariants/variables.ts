import { isMap, Violation, violation } from './violation';
import { USER_VARIABLE, VARIABLE_PREFIX } from '../../../contract/environment-variables';
import { show } from '../../../validation/validation-error';
import { WrittenStep } from '../workflows/written-workflow';

/** The variables by which GitHub passes inputs to actions: an input without a default is read from a variable that someone else set. */
const INPUT_PREFIX = 'INPUT_';

const DETERMINED = 'only the ledger and the run determine what is deployed';

/** Rejects variables that the runtime trusts: they say where the ledger is and how far the release came. And those that actions take for inputs. */
export function reserved(env: unknown, ours: Record<string, unknown> = {}, key = 'env'): Violation | undefined {
  if (typeof env === 'string') return unknown(key, env, 'Name the variables one by one');
  return trustedOf(key, Object.keys(isMap(env) ? env : {}).filter((name) => !(name in ours)));
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

function trustedOf(key: string, names: readonly string[]): Violation | undefined {
  for (const name of names) {
    const why = reasonOf(name);
    if (why !== undefined) return violation(key, `sets ${name}${why}, which breaks the guarantee that ${DETERMINED}`, fixOf(name));
  }
  return undefined;
}

/** Windows ignores the letter case of variables. */
function reasonOf(name: string): string | undefined {
  const known = name.toUpperCase();
  if (known.startsWith(INPUT_PREFIX)) return ', which GitHub takes for an input of an action';
  return known.startsWith(VARIABLE_PREFIX) && known !== USER_VARIABLE.DEBUG ? '' : undefined;
}

function fixOf(name: string): string {
  return `Give your variable a name without ${name.slice(0, name.indexOf('_') + 1)} in front`;
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
  return trustedOf('container.options', values.map((value) => value.split('=')[0]));
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
  return (set.match(/(?<!\w)(?:DELIVERY|INPUT)_\w+/gi) ?? []).find((name) => reasonOf(name) !== undefined);
}
