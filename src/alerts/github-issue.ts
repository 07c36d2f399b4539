import { AlertOptions, ALERT_OPTIONS, Channel } from './channel';
import { listOf, OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * Options for issues of the repository.
 */
export interface GithubIssueAlertOptions extends AlertOptions {
  /**
   * Labels of the issue, in addition to `delivery-alert`, which identifies it.
   *
   * @default - none
   */
  readonly labels?: string[];

  /**
   * Logins of the assignees. They must have access to the repository.
   *
   * @default - none
   */
  readonly assignees?: string[];
}

const GITHUB_ISSUE_OPTIONS: OptionNames<GithubIssueAlertOptions> = { ...ALERT_OPTIONS, labels: true, assignees: true };

export function githubIssue(options: GithubIssueAlertOptions): Channel {
  const { labels = [], assignees = [] } = optionsOf('Alert.githubIssue', options, GITHUB_ISSUE_OPTIONS, '{ labels: [\'incident\'] }');
  for (const label of listOf('Alert.githubIssue labels', labels, '\'incident\'')) {
    if (typeof label !== 'string' || label.trim() === '' || label.length > 50 || label.includes(',')) {
      invalid('Alert.githubIssue labels', `${show(label)} is not a valid label`, 'Use 1 to 50 characters without a comma');
    }
  }
  for (const login of listOf('Alert.githubIssue assignees', assignees, '\'octocat\'')) {
    if (typeof login !== 'string' || !/^[a-z\d](?:[a-z\d]|[-_](?=[a-z\d])){0,38}$/i.test(login)) {
      invalid('Alert.githubIssue assignees', `${show(login)} is not a GitHub login`, 'Write logins without @');
    }
  }
  return { name: 'GitHub issue', secrets: [], settings: { kind: 'githubIssue', labels, assignees } };
}
