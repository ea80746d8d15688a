import { setUpConsent } from './consent.js'
import { greetAgain } from './layer.js'
import { PARTS, showCount } from './parts.js'

greetAgain()
showCount()
setUpConsent()
PARTS[document.body.dataset.kind]?.()
