/** The parts of the name of a private registry of AWS. */
export interface EcrRegistry {
  readonly account: string;
  readonly region: string;
}

/** The registry of an image's repository, if AWS has it: `111122223333.dkr.ecr.eu-central-1.amazonaws.com`. */
export function ecrOf(registry: string): EcrRegistry | undefined {
  const [, account, region] = /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$/.exec(registry) ?? [];
  return account === undefined ? undefined : { account, region: region! };
}
