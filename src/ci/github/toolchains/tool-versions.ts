/**
 * Tools that no lock file of a project holds, each at one version: a release of theirs must not change what a deployment does.
 * Of a language that a project does not name a version of, too.
 */
export const TOOL_VERSIONS = {
  'python': '3.13',
  'java': '21',
  'uv': '0.13.8',
  'poetry': '2.5.1',
  'aws-cdk': '2.1148.1',
  'cdk8s-cli': '2.207.60',
  'maven-dependency-plugin': '3.8.1',
} as const;
