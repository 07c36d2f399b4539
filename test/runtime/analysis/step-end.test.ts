import { endWithoutVerdict } from '../../../src/runtime/analysis/step-end';

const KNOWN = { reason: 'errors: 3 % of the evidence', isShown: true };
const UNKNOWN = { reason: 'latency (p99): the source has no latencies', isShown: false };

test.each([
  ['promote', [UNKNOWN], 'healthy', 'no verdict of the analysis within 10 min (latency (p99): the source has no latencies); withoutVerdict promotes it'],
  ['rollBack', [KNOWN], 'timedOut', 'withoutVerdict rolls it back'],
  ['halt', [KNOWN], 'inconclusive', 'withoutVerdict leaves the decision to a person'],
  ['promoteIfShown', [KNOWN], 'healthy', 'but a bad release would have been seen in 99 of 100 canaries (errors: 3 % of the evidence)'],
  ['promoteIfShown', [KNOWN, UNKNOWN], 'inconclusive', 'too little was measured to decide (latency (p99): the source has no latencies): a person decides'],
] as const)('%s of %j is %s', (policy, undecided, event, note) => {
  const end = endWithoutVerdict(policy, undecided, 600_000);
  expect(end.event).toBe(event);
  expect(end.note).toContain(note);
});
