/** A controller applies what the repository has: which users get it is decided in the cluster. */
export const GIT_OPS_FIX = 'Use Strategy.redeploy(), and let a Rollout of Argo Rollouts in the manifests move the users: its controller executes the steps';
