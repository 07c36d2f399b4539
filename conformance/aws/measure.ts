import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AWS_ASSUMPTIONS, AwsAssumptionId } from './assumptions';
import { Aws } from './aws';
import { cloudformation } from './cloudformation';
import { lambda } from './lambda';
import { AwsContext, AwsFindings, AwsMeasurement } from './measurement';
import { subject } from './subject';
import { PREFIX, required } from '../place';
import { publish, rowsOf } from '../table';

export const AWS_MEASUREMENTS: readonly AwsMeasurement[] = [subject, lambda, cloudformation];

/**
 * Measures in the account that the job is signed in to, and prints the table into the log and the job's summary. What is created is
 * deleted again.
 *
 * @returns 0 where everything holds
 */
export async function measureAws(env: NodeJS.ProcessEnv): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  const name = `${PREFIX}${required(env, 'GITHUB_RUN_ID')}-${required(env, 'GITHUB_RUN_ATTEMPT')}`;
  const context: AwsContext = { aws: new Aws(env, folder), env, folder, name };
  const findings: AwsFindings = {};
  const failures: Partial<Record<AwsAssumptionId, string>> = {};
  try {
    await Promise.all(AWS_MEASUREMENTS.map(async ({ ids, measure }) => {
      try {
        Object.assign(findings, await measure(context));
      } catch (error) {
        for (const id of ids) failures[id] = (error as Error).message;
      }
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return publish('Assumptions about AWS', rowsOf(AWS_ASSUMPTIONS, findings, failures), env);
}
