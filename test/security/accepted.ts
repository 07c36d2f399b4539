/** A finding of an auditor that is wrong, or whose price is known and paid. */
export interface Accepted {
  readonly auditor: 'zizmor' | 'actionlint';
  /** The audit's name (zizmor), or a pattern for the whole message (actionlint). */
  readonly finding: string | RegExp;
  /** Which workflows: `shop/deploy.yml`. */
  readonly where: RegExp;
  /** What the line says that it points at. */
  readonly line?: RegExp;
  readonly reason: string;
}

/**
 * The only place where a finding may be waved through. The audit prints each of these with its reason and how often it was met, and fails
 * on one that nothing meets any more.
 */
export const ACCEPTED: readonly Accepted[] = [
  {
    auditor: 'zizmor',
    finding: 'concurrency-limits',
    where: /\/(deploy|rollback|drill|monitor)(_.*)?\.yml$/,
    reason: 'It asks for one group for the whole workflow. Then a release that waits for approval would hold up all others, and a rollback by hand '
      + 'would wait behind them. Each job that changes something has a group of its own environment instead; building, planning and confirming may overlap.',
  },
  {
    auditor: 'zizmor',
    finding: 'obfuscation',
    where: /\/(rollback|drill)(_.*)?\.yml$/,
    reason: 'It takes a computed index for an attempt to hide something. One set of jobs serves all environments, so the environment\'s name and URL are '
      + 'looked up in a map that stands in the same line: fromJSON(\'{"production":"production-rollback"}\')[inputs.environment].',
  },
  {
    auditor: 'zizmor',
    finding: 'self-hosted-runner',
    where: /^(shop|python-service)\//,
    reason: 'These two examples serve on loopback, so their jobs run on the machine that serves; that is what `runsOn` is for. '
      + 'Nothing starts on a pull request or in a fork, so no one else\'s code gets there. The default is ubuntu-latest, as the third project shows.',
  },
  {
    auditor: 'zizmor',
    finding: 'undocumented-permissions',
    where: /^(monorepo|combination-\d+)\/(build|release|ci)[^/]*\.yml$/,
    reason: 'projen writes the files of its own workflows, and its writer knows no comments; we do not take over a file that is not ours. What each '
      + 'permission is for is said beside it in the workflows that are ours.',
  },
  {
    auditor: 'zizmor',
    finding: 'secrets-outside-env',
    where: /\/monitor(_.*)?\.yml$/,
    reason: 'The heartbeat is one for all environments, so its address is the repository\'s secret. It lets its holder say that the watch runs, and nothing else.',
  },
  {
    auditor: 'zizmor',
    finding: 'secrets-outside-env',
    where: /^combination-\d+\//,
    line: /\b(SLACK_WEBHOOK|TEAMS_WEBHOOK|DISCORD_WEBHOOK|PAGERDUTY_KEY|ALERT_WEBHOOK|ALERT_SIGNING|MAIL_KEY)\b/,
    reason: 'The address of a channel is the repository\'s secret, as the documentation of Alert says: jobs without a GitHub environment notify as well. '
      + 'With monitorEnvironment it is read from there. No step but the one that notifies gets it.',
  },
  {
    auditor: 'zizmor',
    finding: 'adhoc-packages',
    where: /^combination-\d+\//,
    line: /npm install --global --ignore-scripts (aws-cdk|cdk8s-cli)@\d+\.\d+\.\d+$/,
    reason: 'Projects in Python and Java have no lock file of npm that could name the CLI of AWS CDK or cdk8s: projen installs it in one exact version, without its scripts.',
  },
  {
    auditor: 'actionlint',
    finding: /^unexpected key "queue" for "concurrency" section\. expected one of "cancel-in-progress", "group"$/,
    where: /./,
    reason: 'GitHub knows `concurrency.queue` since May 2026, actionlint 1.7.12 is older. GitHub\'s own parser, in the validators, checks the key.',
  },
];
