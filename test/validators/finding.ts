/** What a validator has against a workflow. */
export interface Finding {
  readonly validator: string;
  readonly message: string;
  /** Where it is: a line of the file, or a path like `jobs.deploy_staging.steps[2]`. */
  readonly where?: string;
}

export function show({ validator, message, where }: Finding): string {
  return `${validator}: ${where ? `${where}: ` : ''}${message}`;
}
