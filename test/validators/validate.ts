import { basename } from 'node:path';
import { stringify } from 'yaml';
import { actionlint } from './actionlint';
import { Finding } from './finding';
import { gitHubParser } from './github-parser';
import { keep, known } from './kept';
import { properties } from './properties';
import { schema } from './schema';
import { shell } from './shell';
import { isOurJob, isOurWorkflow, parseWorkflow, Workflow } from './workflow';

type Validator = (text: string, fileName: string) => Promise<Finding[]>;

/** What every workflow must pass. */
const GENERAL: Validator[] = [gitHubParser, actionlint, schema];

/** What the workflows that we write must pass as well; projen's own break some of these. */
const OURS: Validator[] = [shell, properties];

/** Everything that the validators have against a workflow of the project's own that our jobs joined: our jobs are held to what ours must pass. */
export async function validateJoined(workflowText: string, fileName: string): Promise<Finding[]> {
  const ours = stringify(ourJobs(parseWorkflow(workflowText)));
  return [...await validate(workflowText, fileName), ...await shell(ours), ...await properties(ours)];
}

/** What is said on top is the project's. */
function ourJobs(workflow: Workflow): Workflow {
  return { ...workflow, permissions: {}, jobs: Object.fromEntries(Object.entries(workflow.jobs).filter(([id, job]) => isOurJob(id, job))) };
}

/** Everything that all validators have against a workflow; nothing means that it is right. */
export async function validate(workflowText: string, fileName: string): Promise<Finding[]> {
  const name = basename(fileName);
  const what = ['workflow', name, workflowText];
  const general = known<Finding[]>(...what) ?? keep(await said(GENERAL, workflowText, name), ...what);
  return isOurWorkflow(name) ? [...general, ...await said(OURS, workflowText, name)] : general;
}

async function said(validators: readonly Validator[], workflowText: string, name: string): Promise<Finding[]> {
  return (await Promise.all(validators.map(async (validator) => validator(workflowText, name)))).flat();
}
