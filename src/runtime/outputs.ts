// NOTE to the engineer of the leaf modules: the lead wrote this while you were thinking and builds on it. Keep the exported shape; improve the inside where yours is better, write its tests, delete this line.
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';

/** What other jobs read: a step's outputs, and the job's summary. */
export interface Outputs {
  set(values: Record<string, string>): void;
  /** Markdown for the job's page. */
  summary(markdown: string): void;
}

/** GitHub's files; on a laptop there are none, and nothing is written. */
export function openOutputs(env: NodeJS.ProcessEnv): Outputs {
  const { GITHUB_OUTPUT: outputFile, GITHUB_STEP_SUMMARY: summaryFile } = env;
  return {
    set(values) {
      if (!outputFile) return;
      // A random delimiter: no value can end itself early and forge another output.
      const lines = Object.entries(values).map(([name, value]) => {
        const delimiter = `delivery-${randomUUID()}`;
        return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
      });
      appendFileSync(outputFile, lines.join(''));
    },
    summary(markdown) {
      if (summaryFile) appendFileSync(summaryFile, `${markdown}\n`);
    },
  };
}
