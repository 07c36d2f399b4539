import { AlertOptions, ALERT_OPTIONS } from './alert-options';
import { Channel } from './channel';
import { listOf, OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * How issues of the repository are written.
 */
export interface GithubIssueAlertOptions extends AlertOptions {
  /**
   * Labels of the issue, beside `delivery-alert`, by which it is found again.
   *
   * @default - none
   */
  readonly labels?: string[];

  /**
   * Logins of those it is assigned to. They must have access to the repository.
   *
   * @default - nobody
   */
  readonly assignees?: string[];
}

const GITHUB_ISSUE_OPTIONS: OptionNames<GithubIssueAlertOptions> = { ...ALERT_OPTIONS, labels: true, assignees: true };

export function githubIssue(options: GithubIssueAlertOptions): Channel {
  const { labels = [], assignees = [] } = optionsOf('Alert.githubIssue', options, GITHUB_ISSUE_OPTIONS, '{ labels: [\'incident\'] }');
  for (const label of listOf('Alert.githubIssue labels', labels, '\'incident\'')) {
    if (typeof label !== 'string' || label.trim() === '' || label.length > 50 || label.includes(',')) {
      invalid('Alert.githubIssue labels', `${show(label)} is not a label`, 'Give 1 to 50 characters without a comma');
    }
  }
  for (const login of listOf('Alert.githubIssue assignees', assignees, '\'octocat\'')) {
    if (typeof login !== 'string' || !/^[a-z\d](?:[a-z\d]|[-_](?=[a-z\d])){0,38}$/i.test(login)) {
      invalid('Alert.githubIssue assignees', `${show(login)} is not a login`, 'Name people as GitHub does, without @');
    }
  }
  return { name: 'GitHub issue', secrets: [], settings: { kind: 'githubIssue', labels, assignees } };
}
