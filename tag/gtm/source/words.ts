import { CONSENTS } from '../events.ts'
import type { Parameter } from '../template.ts'

/** Help in English, and in Portuguese below it: GTM shows one text to everybody. */
export const both = (english: string, portuguese: string): string => `${english}\n\nPT: ${portuguese}`

export const CATEGORIES = ['ANALYTICS', 'CONVERSIONS', 'LEAD_GENERATION'] as const

export const tenantField: Parameter = {
  type: 'TEXT',
  name: 'tenant',
  displayName: 'Tenant / Cliente',
  simpleValueType: true,
  valueHint: 'loja-abc',
  help: both(
    'The id of this customer in your Connect installation: lower-case letters, digits and hyphens.',
    'O id deste cliente na sua instalação do Connect: letras minúsculas, dígitos e hífens.',
  ),
  valueValidators: [{ type: 'NON_EMPTY' }, { type: 'REGEX', args: ['^[a-z0-9-]{1,64}$'], errorMessage: 'a-z, 0-9, -' }],
}

export const serverKeyField: Parameter = {
  type: 'TEXT',
  name: 'serverKey',
  displayName: 'Server key / Chave de servidor',
  simpleValueType: true,
  help: both(
    'The key whose SHA-256 is among the serverKeyHashes of the tenant. It never reaches a browser.',
    'A chave cujo SHA-256 está em serverKeyHashes do cliente. Nunca chega a um navegador.',
  ),
  valueValidators: [{ type: 'NON_EMPTY' }],
}

/** Fields of an event by names of one's own. */
export const extraField = (when: Partial<Parameter> = {}): Parameter => ({
  type: 'SIMPLE_TABLE',
  name: 'extra',
  ...when,
  displayName: 'More fields / Mais campos',
  newRowButtonText: 'Add field / Adicionar campo',
  help: both(
    'Sent with the event under the names given here. They win over what the event brings itself.',
    'Enviados com o evento, com os nomes dados aqui. Prevalecem sobre o que o próprio evento traz.',
  ),
  simpleTableColumns: [
    {
      type: 'TEXT',
      name: 'name',
      displayName: 'Name / Nome',
      defaultValue: '',
      isUnique: true,
      valueValidators: [{ type: 'NON_EMPTY' }],
    },
    { type: 'TEXT', name: 'value', displayName: 'Value / Valor', defaultValue: '' },
  ],
})

/** Which consents it takes, of those of Consent Mode v2, while `consentMode` is `mode`. */
export const needFields = (mode: string): readonly Parameter[] =>
  CONSENTS.map(type => ({
    type: 'CHECKBOX',
    name: type,
    checkboxText: `${type} is needed / é necessário`,
    simpleValueType: true,
    defaultValue: type === 'analytics_storage',
    enablingConditions: [{ paramName: 'consentMode', paramValue: mode, type: 'EQUALS' }],
    help: both(`Send nothing until ${type} is granted.`, `Nada enviar até que ${type} seja concedido.`),
  }))

/** `['a', 'b']`, as it stands in the code of a template. */
export const listInCode = (values: readonly string[]): string => `[${values.map(value => `'${value}'`).join(', ')}]`
