import { all, type Program } from './declared.ts'
import { createRole, type Role } from './iam.ts'

/** Every role of the program by ARN, with the policies that the program attaches to it. */
export function rolesOf(program: Program): ReadonlyMap<string, Role> {
  const policies = all(program, 'aws:iam/rolePolicy:RolePolicy')
  return new Map(
    all(program, 'aws:iam/role:Role').map(({ id, outputs, inputs }) => {
      if (inputs.managedPolicyArns?.length)
        throw new Error(`Role "${outputs.name}": managed policies are not known to the local stack.`)
      const attached = policies.filter(({ inputs: { role } }) => role === id || role === outputs.name)
      const inline = (inputs.inlinePolicies ?? []).flatMap(({ policy }) => policy ?? [])
      const texts = [...attached.map(({ inputs: { policy } }) => String(policy)), ...inline]
      return [outputs.arn, createRole(outputs.name, outputs.arn, String(inputs.assumeRolePolicy), texts)]
    }),
  )
}

export function roleNamed(roles: ReadonlyMap<string, Role>, arn: string | undefined, whose: string): Role {
  const role = roles.get(arn ?? '')
  if (!role) throw new Error(`${whose}: its role ${arn} is not declared.`)
  return role
}
