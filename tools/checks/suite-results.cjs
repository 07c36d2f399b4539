// jest's reporter for `.ci/exhaustive`: a line for each suite that ended, as `.ci/measure` writes one for each part. A suite with a test that was skipped
// did not pass. The CPU time is what test/environment.cjs measured in the suite's process.
'use strict';
const { appendFileSync, existsSync, readFileSync } = require('node:fs');
const { relative, join } = require('node:path');

const ROOT = join(__dirname, '../..');

module.exports = class {
  onTestResult(_, { testFilePath, numFailingTests, numPendingTests, testExecError, perfStats: { start, end } }) {
    const passed = numFailingTests === 0 && numPendingTests === 0 && !testExecError;
    const suite = relative(ROOT, testFilePath);
    appendFileSync(process.env.RESULTS, `${[suite, passed ? 'passed' : 'failed', (end - start) / 1000, cpuSeconds(testFilePath)].join('\t')}\n`);
  }
};

function cpuSeconds(suite) {
  const file = process.env.SUITE_CPU_SECONDS;
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return Number(lines.findLast((line) => line.startsWith(`${suite}\t`))?.split('\t')[1] ?? 0);
}
