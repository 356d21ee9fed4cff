import type { Role } from "../../../graphql/generated/graphql";

export const ROLES: readonly Role[] = ["LEARNER", "EDITOR", "ADMIN"];
