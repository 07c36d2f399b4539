import { isMap, Violation, violation } from './violation';
import { USER_VARIABLE, VARIABLE_PREFIX } from '../../../contract/environment-variables';
import { show } from '../../../validation/validation-error';

/** The variables by which GitHub passes inputs to actions: an input without a default is read from a variable that someone else set. */
const INPUT_PREFIX = 'INPUT_';

/** Rejects variables that the runtime trusts: they say where the ledger is and how far the release came. And those that actions take for inputs. */
export function reserved(env: unknown, ours: Record<string, unknown> = {}): Violation | undefined {
  if (typeof env === 'string') {
    return violation('env', `is ${show(env)}, which may set DELIVERY_... variables, which breaks the guarantee that ${DETERMINED}`, 'Name the variables one by one');
  }
  for (const name of Object.keys(isMap(env) ? env : {})) {
    const found = name in ours ? undefined : trusted(name);
    if (found) return found;
  }
  return undefined;
}

const DETERMINED = 'only the ledger and the run determine what is deployed';

/** Windows ignores the letter case of variables. */
function trusted(name: string): Violation | undefined {
  const known = name.toUpperCase();
  if (known.startsWith(VARIABLE_PREFIX) && known !== USER_VARIABLE.DEBUG) {
    return violation('env', `sets ${name}, which breaks the guarantee that ${DETERMINED}`, `Give your variable a name without ${VARIABLE_PREFIX} in front`);
  }
  if (!known.startsWith(INPUT_PREFIX)) return undefined;
  return violation('env', `sets ${name}, which GitHub takes for an input of an action, which breaks the guarantee that ${DETERMINED}`, `Give your variable a name without ${INPUT_PREFIX} in front`);
}
