import { Condition, lost } from './condition';
import { globPattern } from '../glob-pattern';

/**
 * That a regular expression matches somewhere in what was answered.
 *
 * @param condition the option of the health check
 * @param remarks what is not to the letter besides
 * @see https://github.com/TwiN/gatus#functions
 */
export function textCondition(condition: string, source: string, remarks: string[] = []): Condition {
  const found = globPattern(source);
  if (!found) return lost(condition, 'Gatus has no regular expressions, only * and ?');
  if (source.includes(' == ')) return lost(condition, 'Gatus would read the == in it as its own');
  const why = [
    ...remarks,
    ...(found.crossesLines ? ['.* goes on over the ends of lines'] : []),
    ...(found.isAnchored ? ['white space around the answer is not looked at'] : []),
    ...(source.includes('/') ? ['slashes are not looked at'] : []),
  ].join('; ');
  return { text: `[BODY] == pat(${found.glob})`, difference: why === '' ? undefined : { condition, why, isRemark: true } };
}
