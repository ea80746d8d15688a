import { all, type Program } from './declared.ts'
import { createRole, type Role } from './iam.ts'

/** Every role of the program by ARN, with the policies that the program writes for it. */
export function rolesOf(program: Program): ReadonlyMap<string, Role> {
  const policies = all(program, 'aws:iam/rolePolicy:RolePolicy')
  const attached = all(program, 'aws:iam/rolePolicyAttachment:RolePolicyAttachment').map(({ inputs }) => inputs.role)
  const readable = all(program, 'aws:iam/role:Role').filter(
    // What AWS's own policies allow is not known here: whoever runs with such a role finds it undeclared.
    ({ id, outputs, inputs }) =>
      !attached.some(role => role === id || role === outputs.name) && !inputs.managedPolicyArns?.length,
  )
  return new Map(
    readable.map(({ id, outputs, inputs }) => {
      const own = policies.filter(({ inputs: { role } }) => role === id || role === outputs.name)
      const inline = (inputs.inlinePolicies ?? []).flatMap(({ policy }) => policy ?? [])
      const texts = [...own.map(({ inputs: { policy } }) => String(policy)), ...inline]
      return [outputs.arn, createRole(outputs.name, outputs.arn, String(inputs.assumeRolePolicy), texts)]
    }),
  )
}

export function roleNamed(roles: ReadonlyMap<string, Role>, arn: string | undefined, whose: string): Role {
  const role = roles.get(arn ?? '')
  if (!role)
    throw new Error(`${whose}: its role ${arn} is not declared, or has policies that the local stack cannot read.`)
  return role
}

/** One thing that somebody may do, and whether a call has needed it. */
export type Grant = { function: string; action: string; resource: string; used: boolean }

/** Every grant of the roles that functions and schedules use, with who holds it. */
export function usageOf(program: Program, functions: Functions, roles: ReadonlyMap<string, Role>): Grant[] {
  const holders = new Map<Role, string>(functions.names.map(name => [functions.role(name), name]))
  for (const { outputs, inputs } of all(program, 'aws:scheduler/schedule:Schedule')) {
    const role = roleNamed(roles, inputs.target.roleArn, outputs.name)
    if (!holders.has(role)) holders.set(role, role.name)
  }
  return [...holders].flatMap(([role, holder]) =>
    role.grants.map(({ action, resource, used }) => ({ function: holder, action, resource, used })),
  )
}

type Functions = { names: readonly string[]; role(name: string): Role }
