import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { OutputError } from '../../errors';
import { fileFault } from '../../files/file-error';
import { masker } from '../../reporting/masking';
import { Outputs } from '../ci-runtime';

/**
 * Writes GitHub's output and summary files, if the environment names them. Secrets are masked in the summary.
 * @param warn called if the summary cannot be written; the job continues, because the summary is for people only
 */
export function openOutputs(env: NodeJS.ProcessEnv, secrets: readonly string[] = [], warn: (text: string) => void = () => undefined): Outputs {
  const { GITHUB_OUTPUT: outputFile, GITHUB_STEP_SUMMARY: summaryFile } = env;
  const mask = masker(secrets);
  return {
    set(values) {
      if (!outputFile) return;
      try {
        appendFileSync(outputFile, Object.entries(values).map(([name, value]) => assignment(name, value)).join(''));
      } catch (error) {
        throw new OutputError(`the outputs ${Object.keys(values).join(', ')} could not be written to GITHUB_OUTPUT (${fileFault(error)}). Then run the job again.`);
      }
    },
    summary(markdown) {
      if (!summaryFile) return;
      try {
        appendFileSync(summaryFile, `${mask(markdown)}\n`);
      } catch (error) {
        warn(`GITHUB_STEP_SUMMARY could not be written (${fileFault(error)}).`);
      }
    },
  };
}

/** A random delimiter, so that no value can end early and forge another output. */
function assignment(name: string, value: string): string {
  const delimiter = `delivery-${randomUUID()}`;
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
}
