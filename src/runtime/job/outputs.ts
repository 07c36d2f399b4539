import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { masker } from './secrets';

/** What other jobs read: a step's outputs, and the job's summary. */
export interface Outputs {
  set(values: Record<string, string>): void;
  /** Markdown for the job's page. */
  summary(markdown: string): void;
}

/** GitHub's files; on a laptop there are none, and nothing is written. No secret gets into the summary. */
export function openOutputs(env: NodeJS.ProcessEnv, secrets: readonly string[] = []): Outputs {
  const { GITHUB_OUTPUT: outputFile, GITHUB_STEP_SUMMARY: summaryFile } = env;
  const mask = masker(secrets);
  return {
    set(values) {
      if (outputFile) appendFileSync(outputFile, Object.entries(values).map(([name, value]) => assignment(name, value)).join(''));
    },
    summary(markdown) {
      if (summaryFile) appendFileSync(summaryFile, `${mask(markdown)}\n`);
    },
  };
}

/** A random delimiter: no value can end itself early and forge another output. */
function assignment(name: string, value: string): string {
  const delimiter = `delivery-${randomUUID()}`;
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
}
