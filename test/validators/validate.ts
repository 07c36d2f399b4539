import { basename } from 'node:path';
import { actionlint } from './actionlint';
import { Finding } from './finding';
import { gitHubParser } from './github-parser';
import { properties } from './properties';
import { schema } from './schema';
import { shell } from './shell';

type Validator = (text: string, fileName: string) => Promise<Finding[]>;

/** What every workflow must pass. */
const GENERAL: Validator[] = [gitHubParser, actionlint, schema];

/** What the workflows that we write must pass as well; projen's own break some of these. */
const OURS: Validator[] = [shell, properties];
const OUR_NAMES = ['deploy.yml', 'rollback.yml', 'drill.yml'];

/** Everything that all validators have against a workflow; nothing means that it is right. */
export async function validate(workflowText: string, fileName: string): Promise<Finding[]> {
  const name = basename(fileName);
  const validators = OUR_NAMES.includes(name) ? [...GENERAL, ...OURS] : GENERAL;
  const findings = await Promise.all(validators.map(async (validator) => validator(workflowText, name)));
  return findings.flat();
}
