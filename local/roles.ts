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
