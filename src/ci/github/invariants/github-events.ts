/**
 * The events that start workflows, as the parser that GitHub publishes knows them.
 *
 * @see https://github.com/actions/languageservices/blob/main/workflow-parser/src/workflow-v1.0.json
 */
export const EVENTS = [
  'branch_protection_rule', 'check_run', 'check_suite', 'create', 'delete', 'deployment', 'deployment_status', 'discussion', 'discussion_comment', 'fork', 'gollum',
  'image_version', 'issue_comment', 'issues', 'label', 'member', 'merge_group', 'milestone', 'page_build', 'project', 'project_card', 'project_column', 'public', 'pull_request',
  'pull_request_comment', 'pull_request_review', 'pull_request_review_comment', 'pull_request_target', 'push', 'registry_package', 'release', 'repository_dispatch',
  'schedule', 'status', 'watch', 'workflow_call', 'workflow_dispatch', 'workflow_run',
];

/** The parser knows no tags there; projen's types do. */
const OF_PULL_REQUESTS = ['types', 'branches', 'branches-ignore', 'tags', 'tags-ignore', 'paths', 'paths-ignore'];

/** What may stand below those that have more than types. */
export const EVENT_KEYS: Readonly<Record<string, readonly string[]>> = {
  push: ['branches', 'branches-ignore', 'tags', 'tags-ignore', 'paths', 'paths-ignore'],
  pull_request: OF_PULL_REQUESTS,
  pull_request_target: OF_PULL_REQUESTS,
  workflow_dispatch: ['inputs'],
};
