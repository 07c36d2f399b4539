import { CiProvider, CiRequest } from './ci-system';
import { githubCi } from './github/github-ci-system';

/** The CI system of a project: GitHub Actions. This is the one place that chooses it. */
export function ciSystemOf(request: CiRequest): CiProvider {
  return githubCi(request);
}
