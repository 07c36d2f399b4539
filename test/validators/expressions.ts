import { Contexts, resolve } from '../../tools/github-actions-emulator/expression';

export type { Contexts };

/** How the jobs before went; decides `success()`, `failure()`, `cancelled()`. `always()` is true. */
export type Status = 'success' | 'failure' | 'cancelled' | 'skipped';

/**
 * Evaluates a job's or step's `if` with GitHub's own expression language; `${{ }}` around it may be there or not. Throws `ExpressionRefused`.
 */
export function evaluate(text: string, contexts: Contexts, status: Status = 'success'): unknown {
  const bare = text.replace(/^\$\{\{\s*|\s*\}\}$/g, '');
  return resolve(`\${{ ${bare} }}`, contexts, {
    always: () => true,
    success: () => status === 'success',
    failure: () => status === 'failure',
    cancelled: () => status === 'cancelled',
  });
}
