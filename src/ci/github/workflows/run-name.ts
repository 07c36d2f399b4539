/** At the end of a run's name: by this the command line finds the run that it started. */
export const BY_REQUEST = '${{ inputs.request && format(\' ({0})\', inputs.request) }}';
