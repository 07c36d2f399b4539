/**
 * The reason why GitHub rejects a push, and the fix. The patterns match GitHub's messages as git prints them.
 *
 * @see https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches
 * @see https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/troubleshooting-rules
 */

export interface RejectedBranch {
  readonly branch: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly serverUrl: string;
}

/** The message with the fix, in one or two sentences. */
export function rejectionOf(said: string, { branch, repository, serverUrl }: RejectedBranch): string {
  const all = said.split('\n').map((line) => line.trim());
  // the server's message, as git prints it
  const lines = all.filter((line) => line.startsWith('remote:')).map((line) => line.replace(/^remote:\s*/, '')).filter((line) => line !== '');
  const settings = `${serverUrl}/${repository}/settings`;
  if (/GH013|repository rule violations/i.test(said)) {
    const rules = listed(lines, /^[-*] /);
    return `a ruleset of the repository or its organization forbids it (${rules}). Exclude ${branch} from the ruleset: ${settings}/rules`;
  }
  if (/GH006|protected branch/i.test(said)) {
    const rules = listed(lines, /^error: (?!GH006)/);
    return `a branch protection rule forbids it (${rules}). Let the rule not match ${branch}, or allow force pushes and deletions in it: ${settings}/branches`;
  }
  if (/archived/i.test(said)) return 'the repository is archived, so no one can write to it. Take monitoring out of the delivery\'s options, or unarchive the repository';
  if (/denied to|write access to repository not granted|error: 403/i.test(said)) {
    return 'the job\'s token may not do it. The job needs `permissions: contents: write`; a run for a fork or by Dependabot never has it';
  }
  if (/authentication failed|could not read username|error: 401/i.test(said)) return 'the job\'s token is not accepted. Pass it to the step: `env: { GITHUB_TOKEN: ${{ github.token }} }`';
  if (/repository not found|error: 404/i.test(said)) return `there is no repository ${repository}, or the job's token may not read it. The job needs \`permissions: contents: write\``;
  return lines.length > 0 ? lines.join(' ') : all.filter((line) => line !== '' && !/^(?:To |Done$)/.test(line)).join(' ');
}

/** The named rules, without their markers. */
function listed(lines: readonly string[], mark: RegExp): string {
  const rules = lines.filter((line) => mark.test(line)).map((line) => line.replace(mark, '').replace(/\.$/, ''));
  return rules.length > 0 ? rules.join('; ') : 'it does not say which';
}
