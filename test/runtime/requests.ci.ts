/** The cost of the ledger does not grow with its history: counted on the bundled runtime, against the stand-in for GitHub's API. */
import { REQUEST_TARGET_EACH, REQUEST_TARGETS, requestsPerCommand } from './requests-per-command';

test.each(['redeploy', 'blueGreen'] as const)('with %s a command takes as many requests with 10,000 records as with one', async (strategy) => {
  const counts = [];
  for (const records of [1, 100, 10_000]) counts.push(await requestsPerCommand(records, strategy));
  process.stdout.write(`  ${strategy}, with 1, 100 and 10,000 records: ${JSON.stringify(counts)}\n`);
  for (const count of counts) {
    for (const [command, target] of Object.entries(REQUEST_TARGETS)) {
      expect([command, count[command as keyof typeof REQUEST_TARGETS] <= target]).toEqual([command, true]);
    }
    expect(count.watchEach).toBeLessThanOrEqual(REQUEST_TARGET_EACH);
  }
  expect(counts[1]).toEqual(counts[0]);
  // where 50 releases are blocked, and a hundred alerts were, one more each: for this commit, for this environment
  for (const command of ['plan', 'deploy', 'confirm', 'watch', 'watchEach'] as const) expect(counts[2][command] - counts[1][command]).toBeLessThanOrEqual(1);
});
