import { basename } from 'node:path';
import { github } from 'projen';
import { CheckedWorkflowFile } from './workflow-file';
import { writtenWorkflow } from './written-workflow';
import { DeploymentWorkflowManifest } from '../../../contract/manifest';
import { INPUT } from '../../../contract/workflows';
import { invalid, show } from '../../../validation/validation-error';

/** A job that may wait for an approval. */
export interface ApprovalJob {
  readonly id: string;
  readonly kind: 'deployments' | 'rollbacks';
  /** Its environment; several if a person chooses one. */
  readonly environments: readonly string[];
}

/** The chosen environment in the name of a job. */
const CHOSEN = new RegExp(`\\$\\{\\{\\s*inputs\\.${INPUT.ENVIRONMENT}\\s*\\}\\}`, 'g');

/**
 * Returns the jobs of a workflow that may wait for an approval, by their written names. The watch finds them by these names. Throws `ValidationError` if a name does not identify the environment.
 *
 * @param option the workflow in messages
 */
export function approvalJobs(
  { file, name: workflow }: github.GithubWorkflow, option: string, jobs: readonly ApprovalJob[],
): DeploymentWorkflowManifest {
  const written = (file && (CheckedWorkflowFile.find(file)?.written.jobs ?? writtenWorkflow(file).jobs)) ?? {};
  const found: Record<ApprovalJob['kind'], Record<string, string>> = { deployments: {}, rollbacks: {} };
  const owners = new Map<string, string>();
  for (const { id, kind, environments } of jobs) {
    // GitHub shows the id of a job without a name
    const name = String(written[id]?.name ?? id);
    for (const environment of environments) {
      const shown = name.replaceAll(CHOSEN, () => environment);
      const owner = owners.get(shown);
      if (shown.includes('${{') || (owner !== undefined && owner !== environment)) {
        invalid(`${option} job ${show(id)} name`, `is ${show(name)}, so the watch does not know which environment a waiting deployment is for`,
          `Name the environment in it${environments.length > 1 ? `, with \${{ inputs.${INPUT.ENVIRONMENT} }} and no other expression` : ', without an expression'}`);
      }
      owners.set(shown, environment);
      found[kind][shown] = environment;
    }
  }
  return { file: basename(file?.path ?? `${workflow}.yml`), ...found };
}
