/** What GitHub says of a push that it rejects, as git shows it, and the message for a person. */
import { rejectionOf } from '../../../../../src/runtime/ci/github/branch/push-rejection';
import { isPassing } from '../../../../../src/runtime/git/git-process';

const BRANCH = { branch: 'delivery-status', repository: 'acme/shop', serverUrl: 'https://github.com' };
const DECLINED = "error: failed to push some refs to 'https://github.com/acme/shop.git'";

test.each<[string, string[], string]>([
  ['a ruleset', [
    'remote: error: GH013: Repository rule violations found for refs/heads/delivery-status.',
    'remote: Review all repository rules at https://github.com/acme/shop/rules?ref=refs%2Fheads%2Fdelivery-status',
    'remote: ',
    'remote: - Cannot create ref due to creations being restricted.',
    'remote: ',
    'remote: - Commits must have verified signatures.',
    'remote:   Found 1 violation:',
    '!\trefs/heads/x:refs/heads/delivery-status\t[remote rejected] (push declined due to repository rule violations)',
    DECLINED,
  ], 'a ruleset of the repository or its organization forbids it (Cannot create ref due to creations being restricted; Commits must have verified signatures). '
    + 'Exclude delivery-status from the ruleset: https://github.com/acme/shop/settings/rules'],
  ['a protected branch', [
    'remote: error: GH006: Protected branch update failed for refs/heads/delivery-status.',
    'remote: error: Cannot force-push to this branch',
    '!\trefs/heads/x:refs/heads/delivery-status\t[remote rejected] (protected branch hook declined)',
    DECLINED,
  ], 'a branch protection rule forbids it (Cannot force-push to this branch). Let the rule not match delivery-status, or allow force pushes and deletions in it: '
    + 'https://github.com/acme/shop/settings/branches'],
  ['a token that may only read', [
    'remote: Permission to acme/shop.git denied to github-actions[bot].', "fatal: unable to access 'https://github.com/acme/shop.git/': The requested URL returned error: 403",
  ], "the job's token may not do it. The job needs `permissions: contents: write`; a run for a fork or by Dependabot never has it"],
  ['an archived repository', [
    'remote: This repository was archived so it is read-only.', "fatal: unable to access 'https://github.com/acme/shop.git/': The requested URL returned error: 403",
  ], "the repository is archived, so no one can write to it. Take monitoring out of the delivery's options, or unarchive the repository"],
  ['no token', ["fatal: could not read Username for 'https://github.com': terminal prompts disabled"],
    "the job's token is not accepted. Pass it to the step: `env: { GITHUB_TOKEN: ${{ github.token }} }`"],
  ['an unknown reason', ['remote: no pushes on Sundays', DECLINED], 'no pushes on Sundays'],
  ['what git says itself', [DECLINED], DECLINED],
])('%s', (_, lines, expected) => {
  expect(rejectionOf(lines.join('\n'), BRANCH)).toBe(expected);
  expect(isPassing(lines.join('\n'))).toBe(false);
});

test.each([
  'The requested URL returned error: 502', 'Could not resolve host: github.com', 'Recv failure: Connection reset by peer', 'the remote end hung up unexpectedly',
  'Empty reply from server', 'timed out',
])('%s: tried again', (said) => {
  expect(isPassing(`fatal: unable to access 'https://github.com/acme/shop.git/': ${said}`)).toBe(true);
});
