// What plays a connector against its fake is local's, for `npm run try`: tests know it by this name.
export { endOf, login, type Run, run } from '../../local/rehearse.ts'
