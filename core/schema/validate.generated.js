// Written by `npm run generate` from core/schema/event.ts: change that instead.
"use strict";
export const validate = validate21;
export default validate21;
const schema6 = {"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"text":{"type":"string","minLength":1,"maxLength":1024},"url":{"type":"string","minLength":1,"maxLength":4096},"amount":{"type":"number"},"hash":{"type":"string","pattern":"^[0-9a-f]{64}$"}},"type":"object","additionalProperties":false,"required":["id","name","at"],"properties":{"id":{"type":"string","pattern":"^[A-Za-z0-9._:-]{1,128}$"},"name":{"type":"string","pattern":"^\\p{L}[\\p{L}\\p{N}_.:-]{0,99}$"},"at":{"type":"string","pattern":"^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$"},"tid":{"type":"string","minLength":1,"maxLength":128},"user":{"type":"object","additionalProperties":false,"required":[],"properties":{"id":{"type":"string","minLength":1,"maxLength":256},"email":{"type":"string","maxLength":254,"pattern":"^[^\\s@<>()\",;:\\\\]+@[^\\s@.<>()\",;:\\\\]+(\\.[^\\s@.<>()\",;:\\\\]+)+$"},"phone":{"type":"string","pattern":"^\\+[1-9]\\d{6,14}$"},"emailHash":{"$ref":"#/definitions/hash"},"phoneHash":{"$ref":"#/definitions/hash"},"firstName":{"$ref":"#/definitions/text"},"lastName":{"$ref":"#/definitions/text"},"company":{"$ref":"#/definitions/text"},"city":{"$ref":"#/definitions/text"},"state":{"$ref":"#/definitions/text"},"country":{"$ref":"#/definitions/text"}}},"page":{"type":"object","additionalProperties":false,"required":[],"properties":{"url":{"$ref":"#/definitions/url"},"referrer":{"$ref":"#/definitions/url"},"title":{"$ref":"#/definitions/text"}}},"campaign":{"type":"object","additionalProperties":false,"required":[],"properties":{"source":{"$ref":"#/definitions/text"},"medium":{"$ref":"#/definitions/text"},"name":{"$ref":"#/definitions/text"},"term":{"$ref":"#/definitions/text"},"content":{"$ref":"#/definitions/text"},"gclid":{"$ref":"#/definitions/text"},"fbclid":{"$ref":"#/definitions/text"}}},"commerce":{"type":"object","additionalProperties":false,"required":[],"properties":{"transactionId":{"type":"string","minLength":1,"maxLength":256},"currency":{"type":"string","pattern":"^[A-Z]{3}$"},"value":{"$ref":"#/definitions/amount"},"tax":{"$ref":"#/definitions/amount"},"shipping":{"$ref":"#/definitions/amount"},"coupon":{"$ref":"#/definitions/text"},"items":{"type":"array","maxItems":200,"items":{"type":"object","additionalProperties":false,"required":[],"properties":{"id":{"$ref":"#/definitions/text"},"name":{"$ref":"#/definitions/text"},"brand":{"$ref":"#/definitions/text"},"category":{"$ref":"#/definitions/text"},"variant":{"$ref":"#/definitions/text"},"price":{"$ref":"#/definitions/amount"},"quantity":{"$ref":"#/definitions/amount"},"url":{"$ref":"#/definitions/url"},"image":{"$ref":"#/definitions/url"}}}}}},"consent":{"type":"object","additionalProperties":false,"required":[],"properties":{"analytics":{"type":"boolean"},"marketing":{"type":"boolean"},"userData":{"type":"boolean"}}},"properties":{"type":"object"}}};
const func2 = Object.prototype.hasOwnProperty;
const pattern0 = new RegExp("^[A-Za-z0-9._:-]{1,128}$", "u");
const pattern1 = new RegExp("^\\p{L}[\\p{L}\\p{N}_.:-]{0,99}$", "u");
const pattern2 = new RegExp("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$", "u");
const pattern3 = new RegExp("^[^\\s@<>()\",;:\\\\]+@[^\\s@.<>()\",;:\\\\]+(\\.[^\\s@.<>()\",;:\\\\]+)+$", "u");
const pattern4 = new RegExp("^\\+[1-9]\\d{6,14}$", "u");
const pattern6 = new RegExp("^[A-Z]{3}$", "u");
const schema7 = {"type":"string","pattern":"^[0-9a-f]{64}$"};
const pattern5 = new RegExp("^[0-9a-f]{64}$", "u");

function validate22(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(typeof data === "string"){
if(!pattern5.test(data)){
validate22.errors = [{instancePath,schemaPath:"#/pattern",keyword:"pattern",params:{pattern: "^[0-9a-f]{64}$"},message:"must match pattern \""+"^[0-9a-f]{64}$"+"\""}];
return false;
}
}
else {
validate22.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
validate22.errors = vErrors;
return errors === 0;
}

const schema8 = {"type":"string","minLength":1,"maxLength":1024};

function validate25(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(typeof data === "string"){
if(data.length > 1024){
validate25.errors = [{instancePath,schemaPath:"#/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data.length < 1){
validate25.errors = [{instancePath,schemaPath:"#/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate25.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
validate25.errors = vErrors;
return errors === 0;
}

const schema9 = {"type":"string","minLength":1,"maxLength":4096};

function validate32(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(typeof data === "string"){
if(data.length > 4096){
validate32.errors = [{instancePath,schemaPath:"#/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters"}];
return false;
}
else {
if(data.length < 1){
validate32.errors = [{instancePath,schemaPath:"#/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate32.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
validate32.errors = vErrors;
return errors === 0;
}

const schema10 = {"type":"number"};

function validate43(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(!((typeof data == "number") && (isFinite(data)))){
validate43.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
validate43.errors = vErrors;
return errors === 0;
}


function validate21(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((data.id === undefined) && (missing0 = "id")) || ((data.name === undefined) && (missing0 = "name"))) || ((data.at === undefined) && (missing0 = "at"))){
validate21.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
const _errs1 = errors;
for(const key0 in data){
if(!(func2.call(schema6.properties, key0))){
validate21.errors = [{instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs1 === errors){
if(data.id !== undefined){
let data0 = data.id;
const _errs2 = errors;
if(errors === _errs2){
if(typeof data0 === "string"){
if(!pattern0.test(data0)){
validate21.errors = [{instancePath:instancePath+"/id",schemaPath:"#/properties/id/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9._:-]{1,128}$"},message:"must match pattern \""+"^[A-Za-z0-9._:-]{1,128}$"+"\""}];
return false;
}
}
else {
validate21.errors = [{instancePath:instancePath+"/id",schemaPath:"#/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.name !== undefined){
let data1 = data.name;
const _errs4 = errors;
if(errors === _errs4){
if(typeof data1 === "string"){
if(!pattern1.test(data1)){
validate21.errors = [{instancePath:instancePath+"/name",schemaPath:"#/properties/name/pattern",keyword:"pattern",params:{pattern: "^\\p{L}[\\p{L}\\p{N}_.:-]{0,99}$"},message:"must match pattern \""+"^\\p{L}[\\p{L}\\p{N}_.:-]{0,99}$"+"\""}];
return false;
}
}
else {
validate21.errors = [{instancePath:instancePath+"/name",schemaPath:"#/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.at !== undefined){
let data2 = data.at;
const _errs6 = errors;
if(errors === _errs6){
if(typeof data2 === "string"){
if(!pattern2.test(data2)){
validate21.errors = [{instancePath:instancePath+"/at",schemaPath:"#/properties/at/pattern",keyword:"pattern",params:{pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$"},message:"must match pattern \""+"^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$"+"\""}];
return false;
}
}
else {
validate21.errors = [{instancePath:instancePath+"/at",schemaPath:"#/properties/at/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.tid !== undefined){
let data3 = data.tid;
const _errs8 = errors;
if(errors === _errs8){
if(typeof data3 === "string"){
if(data3.length > 128){
validate21.errors = [{instancePath:instancePath+"/tid",schemaPath:"#/properties/tid/maxLength",keyword:"maxLength",params:{limit: 128},message:"must NOT have more than 128 characters"}];
return false;
}
else {
if(data3.length < 1){
validate21.errors = [{instancePath:instancePath+"/tid",schemaPath:"#/properties/tid/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate21.errors = [{instancePath:instancePath+"/tid",schemaPath:"#/properties/tid/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs8 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.user !== undefined){
let data4 = data.user;
const _errs10 = errors;
if(errors === _errs10){
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
const _errs12 = errors;
for(const key1 in data4){
if(!(func2.call(schema6.properties.user.properties, key1))){
validate21.errors = [{instancePath:instancePath+"/user",schemaPath:"#/properties/user/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs12 === errors){
if(data4.id !== undefined){
let data5 = data4.id;
const _errs13 = errors;
if(errors === _errs13){
if(typeof data5 === "string"){
if(data5.length > 256){
validate21.errors = [{instancePath:instancePath+"/user/id",schemaPath:"#/properties/user/properties/id/maxLength",keyword:"maxLength",params:{limit: 256},message:"must NOT have more than 256 characters"}];
return false;
}
else {
if(data5.length < 1){
validate21.errors = [{instancePath:instancePath+"/user/id",schemaPath:"#/properties/user/properties/id/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate21.errors = [{instancePath:instancePath+"/user/id",schemaPath:"#/properties/user/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs13 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.email !== undefined){
let data6 = data4.email;
const _errs15 = errors;
if(errors === _errs15){
if(typeof data6 === "string"){
if(data6.length > 254){
validate21.errors = [{instancePath:instancePath+"/user/email",schemaPath:"#/properties/user/properties/email/maxLength",keyword:"maxLength",params:{limit: 254},message:"must NOT have more than 254 characters"}];
return false;
}
else {
if(!pattern3.test(data6)){
validate21.errors = [{instancePath:instancePath+"/user/email",schemaPath:"#/properties/user/properties/email/pattern",keyword:"pattern",params:{pattern: "^[^\\s@<>()\",;:\\\\]+@[^\\s@.<>()\",;:\\\\]+(\\.[^\\s@.<>()\",;:\\\\]+)+$"},message:"must match pattern \""+"^[^\\s@<>()\",;:\\\\]+@[^\\s@.<>()\",;:\\\\]+(\\.[^\\s@.<>()\",;:\\\\]+)+$"+"\""}];
return false;
}
}
}
else {
validate21.errors = [{instancePath:instancePath+"/user/email",schemaPath:"#/properties/user/properties/email/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs15 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.phone !== undefined){
let data7 = data4.phone;
const _errs17 = errors;
if(errors === _errs17){
if(typeof data7 === "string"){
if(!pattern4.test(data7)){
validate21.errors = [{instancePath:instancePath+"/user/phone",schemaPath:"#/properties/user/properties/phone/pattern",keyword:"pattern",params:{pattern: "^\\+[1-9]\\d{6,14}$"},message:"must match pattern \""+"^\\+[1-9]\\d{6,14}$"+"\""}];
return false;
}
}
else {
validate21.errors = [{instancePath:instancePath+"/user/phone",schemaPath:"#/properties/user/properties/phone/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs17 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.emailHash !== undefined){
const _errs19 = errors;
if(!(validate22(data4.emailHash, {instancePath:instancePath+"/user/emailHash",parentData:data4,parentDataProperty:"emailHash",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
var valid1 = _errs19 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.phoneHash !== undefined){
const _errs20 = errors;
if(!(validate22(data4.phoneHash, {instancePath:instancePath+"/user/phoneHash",parentData:data4,parentDataProperty:"phoneHash",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
var valid1 = _errs20 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.firstName !== undefined){
const _errs21 = errors;
if(!(validate25(data4.firstName, {instancePath:instancePath+"/user/firstName",parentData:data4,parentDataProperty:"firstName",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid1 = _errs21 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.lastName !== undefined){
const _errs22 = errors;
if(!(validate25(data4.lastName, {instancePath:instancePath+"/user/lastName",parentData:data4,parentDataProperty:"lastName",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid1 = _errs22 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.company !== undefined){
const _errs23 = errors;
if(!(validate25(data4.company, {instancePath:instancePath+"/user/company",parentData:data4,parentDataProperty:"company",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid1 = _errs23 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.city !== undefined){
const _errs24 = errors;
if(!(validate25(data4.city, {instancePath:instancePath+"/user/city",parentData:data4,parentDataProperty:"city",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid1 = _errs24 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.state !== undefined){
const _errs25 = errors;
if(!(validate25(data4.state, {instancePath:instancePath+"/user/state",parentData:data4,parentDataProperty:"state",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid1 = _errs25 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.country !== undefined){
const _errs26 = errors;
if(!(validate25(data4.country, {instancePath:instancePath+"/user/country",parentData:data4,parentDataProperty:"country",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid1 = _errs26 === errors;
}
else {
var valid1 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate21.errors = [{instancePath:instancePath+"/user",schemaPath:"#/properties/user/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs10 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.page !== undefined){
let data16 = data.page;
const _errs27 = errors;
if(errors === _errs27){
if(data16 && typeof data16 == "object" && !Array.isArray(data16)){
const _errs29 = errors;
for(const key2 in data16){
if(!(((key2 === "url") || (key2 === "referrer")) || (key2 === "title"))){
validate21.errors = [{instancePath:instancePath+"/page",schemaPath:"#/properties/page/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs29 === errors){
if(data16.url !== undefined){
const _errs30 = errors;
if(!(validate32(data16.url, {instancePath:instancePath+"/page/url",parentData:data16,parentDataProperty:"url",rootData}))){
vErrors = vErrors === null ? validate32.errors : vErrors.concat(validate32.errors);
errors = vErrors.length;
}
var valid2 = _errs30 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data16.referrer !== undefined){
const _errs31 = errors;
if(!(validate32(data16.referrer, {instancePath:instancePath+"/page/referrer",parentData:data16,parentDataProperty:"referrer",rootData}))){
vErrors = vErrors === null ? validate32.errors : vErrors.concat(validate32.errors);
errors = vErrors.length;
}
var valid2 = _errs31 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data16.title !== undefined){
const _errs32 = errors;
if(!(validate25(data16.title, {instancePath:instancePath+"/page/title",parentData:data16,parentDataProperty:"title",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid2 = _errs32 === errors;
}
else {
var valid2 = true;
}
}
}
}
}
else {
validate21.errors = [{instancePath:instancePath+"/page",schemaPath:"#/properties/page/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs27 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.campaign !== undefined){
let data20 = data.campaign;
const _errs33 = errors;
if(errors === _errs33){
if(data20 && typeof data20 == "object" && !Array.isArray(data20)){
const _errs35 = errors;
for(const key3 in data20){
if(!(((((((key3 === "source") || (key3 === "medium")) || (key3 === "name")) || (key3 === "term")) || (key3 === "content")) || (key3 === "gclid")) || (key3 === "fbclid"))){
validate21.errors = [{instancePath:instancePath+"/campaign",schemaPath:"#/properties/campaign/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs35 === errors){
if(data20.source !== undefined){
const _errs36 = errors;
if(!(validate25(data20.source, {instancePath:instancePath+"/campaign/source",parentData:data20,parentDataProperty:"source",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid3 = _errs36 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data20.medium !== undefined){
const _errs37 = errors;
if(!(validate25(data20.medium, {instancePath:instancePath+"/campaign/medium",parentData:data20,parentDataProperty:"medium",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid3 = _errs37 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data20.name !== undefined){
const _errs38 = errors;
if(!(validate25(data20.name, {instancePath:instancePath+"/campaign/name",parentData:data20,parentDataProperty:"name",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid3 = _errs38 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data20.term !== undefined){
const _errs39 = errors;
if(!(validate25(data20.term, {instancePath:instancePath+"/campaign/term",parentData:data20,parentDataProperty:"term",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid3 = _errs39 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data20.content !== undefined){
const _errs40 = errors;
if(!(validate25(data20.content, {instancePath:instancePath+"/campaign/content",parentData:data20,parentDataProperty:"content",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid3 = _errs40 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data20.gclid !== undefined){
const _errs41 = errors;
if(!(validate25(data20.gclid, {instancePath:instancePath+"/campaign/gclid",parentData:data20,parentDataProperty:"gclid",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid3 = _errs41 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data20.fbclid !== undefined){
const _errs42 = errors;
if(!(validate25(data20.fbclid, {instancePath:instancePath+"/campaign/fbclid",parentData:data20,parentDataProperty:"fbclid",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid3 = _errs42 === errors;
}
else {
var valid3 = true;
}
}
}
}
}
}
}
}
}
else {
validate21.errors = [{instancePath:instancePath+"/campaign",schemaPath:"#/properties/campaign/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs33 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.commerce !== undefined){
let data28 = data.commerce;
const _errs43 = errors;
if(errors === _errs43){
if(data28 && typeof data28 == "object" && !Array.isArray(data28)){
const _errs45 = errors;
for(const key4 in data28){
if(!(((((((key4 === "transactionId") || (key4 === "currency")) || (key4 === "value")) || (key4 === "tax")) || (key4 === "shipping")) || (key4 === "coupon")) || (key4 === "items"))){
validate21.errors = [{instancePath:instancePath+"/commerce",schemaPath:"#/properties/commerce/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs45 === errors){
if(data28.transactionId !== undefined){
let data29 = data28.transactionId;
const _errs46 = errors;
if(errors === _errs46){
if(typeof data29 === "string"){
if(data29.length > 256){
validate21.errors = [{instancePath:instancePath+"/commerce/transactionId",schemaPath:"#/properties/commerce/properties/transactionId/maxLength",keyword:"maxLength",params:{limit: 256},message:"must NOT have more than 256 characters"}];
return false;
}
else {
if(data29.length < 1){
validate21.errors = [{instancePath:instancePath+"/commerce/transactionId",schemaPath:"#/properties/commerce/properties/transactionId/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate21.errors = [{instancePath:instancePath+"/commerce/transactionId",schemaPath:"#/properties/commerce/properties/transactionId/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid4 = _errs46 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data28.currency !== undefined){
let data30 = data28.currency;
const _errs48 = errors;
if(errors === _errs48){
if(typeof data30 === "string"){
if(!pattern6.test(data30)){
validate21.errors = [{instancePath:instancePath+"/commerce/currency",schemaPath:"#/properties/commerce/properties/currency/pattern",keyword:"pattern",params:{pattern: "^[A-Z]{3}$"},message:"must match pattern \""+"^[A-Z]{3}$"+"\""}];
return false;
}
}
else {
validate21.errors = [{instancePath:instancePath+"/commerce/currency",schemaPath:"#/properties/commerce/properties/currency/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid4 = _errs48 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data28.value !== undefined){
const _errs50 = errors;
if(!(validate43(data28.value, {instancePath:instancePath+"/commerce/value",parentData:data28,parentDataProperty:"value",rootData}))){
vErrors = vErrors === null ? validate43.errors : vErrors.concat(validate43.errors);
errors = vErrors.length;
}
var valid4 = _errs50 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data28.tax !== undefined){
const _errs51 = errors;
if(!(validate43(data28.tax, {instancePath:instancePath+"/commerce/tax",parentData:data28,parentDataProperty:"tax",rootData}))){
vErrors = vErrors === null ? validate43.errors : vErrors.concat(validate43.errors);
errors = vErrors.length;
}
var valid4 = _errs51 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data28.shipping !== undefined){
const _errs52 = errors;
if(!(validate43(data28.shipping, {instancePath:instancePath+"/commerce/shipping",parentData:data28,parentDataProperty:"shipping",rootData}))){
vErrors = vErrors === null ? validate43.errors : vErrors.concat(validate43.errors);
errors = vErrors.length;
}
var valid4 = _errs52 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data28.coupon !== undefined){
const _errs53 = errors;
if(!(validate25(data28.coupon, {instancePath:instancePath+"/commerce/coupon",parentData:data28,parentDataProperty:"coupon",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid4 = _errs53 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data28.items !== undefined){
let data35 = data28.items;
const _errs54 = errors;
if(errors === _errs54){
if(Array.isArray(data35)){
if(data35.length > 200){
validate21.errors = [{instancePath:instancePath+"/commerce/items",schemaPath:"#/properties/commerce/properties/items/maxItems",keyword:"maxItems",params:{limit: 200},message:"must NOT have more than 200 items"}];
return false;
}
else {
var valid5 = true;
const len0 = data35.length;
for(let i0=0; i0<len0; i0++){
let data36 = data35[i0];
const _errs56 = errors;
if(errors === _errs56){
if(data36 && typeof data36 == "object" && !Array.isArray(data36)){
const _errs58 = errors;
for(const key5 in data36){
if(!(func2.call(schema6.properties.commerce.properties.items.items.properties, key5))){
validate21.errors = [{instancePath:instancePath+"/commerce/items/" + i0,schemaPath:"#/properties/commerce/properties/items/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs58 === errors){
if(data36.id !== undefined){
const _errs59 = errors;
if(!(validate25(data36.id, {instancePath:instancePath+"/commerce/items/" + i0+"/id",parentData:data36,parentDataProperty:"id",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid6 = _errs59 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data36.name !== undefined){
const _errs60 = errors;
if(!(validate25(data36.name, {instancePath:instancePath+"/commerce/items/" + i0+"/name",parentData:data36,parentDataProperty:"name",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid6 = _errs60 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data36.brand !== undefined){
const _errs61 = errors;
if(!(validate25(data36.brand, {instancePath:instancePath+"/commerce/items/" + i0+"/brand",parentData:data36,parentDataProperty:"brand",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid6 = _errs61 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data36.category !== undefined){
const _errs62 = errors;
if(!(validate25(data36.category, {instancePath:instancePath+"/commerce/items/" + i0+"/category",parentData:data36,parentDataProperty:"category",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid6 = _errs62 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data36.variant !== undefined){
const _errs63 = errors;
if(!(validate25(data36.variant, {instancePath:instancePath+"/commerce/items/" + i0+"/variant",parentData:data36,parentDataProperty:"variant",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
var valid6 = _errs63 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data36.price !== undefined){
const _errs64 = errors;
if(!(validate43(data36.price, {instancePath:instancePath+"/commerce/items/" + i0+"/price",parentData:data36,parentDataProperty:"price",rootData}))){
vErrors = vErrors === null ? validate43.errors : vErrors.concat(validate43.errors);
errors = vErrors.length;
}
var valid6 = _errs64 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data36.quantity !== undefined){
const _errs65 = errors;
if(!(validate43(data36.quantity, {instancePath:instancePath+"/commerce/items/" + i0+"/quantity",parentData:data36,parentDataProperty:"quantity",rootData}))){
vErrors = vErrors === null ? validate43.errors : vErrors.concat(validate43.errors);
errors = vErrors.length;
}
var valid6 = _errs65 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data36.url !== undefined){
const _errs66 = errors;
if(!(validate32(data36.url, {instancePath:instancePath+"/commerce/items/" + i0+"/url",parentData:data36,parentDataProperty:"url",rootData}))){
vErrors = vErrors === null ? validate32.errors : vErrors.concat(validate32.errors);
errors = vErrors.length;
}
var valid6 = _errs66 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data36.image !== undefined){
const _errs67 = errors;
if(!(validate32(data36.image, {instancePath:instancePath+"/commerce/items/" + i0+"/image",parentData:data36,parentDataProperty:"image",rootData}))){
vErrors = vErrors === null ? validate32.errors : vErrors.concat(validate32.errors);
errors = vErrors.length;
}
var valid6 = _errs67 === errors;
}
else {
var valid6 = true;
}
}
}
}
}
}
}
}
}
}
}
else {
validate21.errors = [{instancePath:instancePath+"/commerce/items/" + i0,schemaPath:"#/properties/commerce/properties/items/items/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid5 = _errs56 === errors;
if(!valid5){
break;
}
}
}
}
else {
validate21.errors = [{instancePath:instancePath+"/commerce/items",schemaPath:"#/properties/commerce/properties/items/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid4 = _errs54 === errors;
}
else {
var valid4 = true;
}
}
}
}
}
}
}
}
}
else {
validate21.errors = [{instancePath:instancePath+"/commerce",schemaPath:"#/properties/commerce/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs43 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.consent !== undefined){
let data46 = data.consent;
const _errs68 = errors;
if(errors === _errs68){
if(data46 && typeof data46 == "object" && !Array.isArray(data46)){
const _errs70 = errors;
for(const key6 in data46){
if(!(((key6 === "analytics") || (key6 === "marketing")) || (key6 === "userData"))){
validate21.errors = [{instancePath:instancePath+"/consent",schemaPath:"#/properties/consent/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs70 === errors){
if(data46.analytics !== undefined){
const _errs71 = errors;
if(typeof data46.analytics !== "boolean"){
validate21.errors = [{instancePath:instancePath+"/consent/analytics",schemaPath:"#/properties/consent/properties/analytics/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid7 = _errs71 === errors;
}
else {
var valid7 = true;
}
if(valid7){
if(data46.marketing !== undefined){
const _errs73 = errors;
if(typeof data46.marketing !== "boolean"){
validate21.errors = [{instancePath:instancePath+"/consent/marketing",schemaPath:"#/properties/consent/properties/marketing/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid7 = _errs73 === errors;
}
else {
var valid7 = true;
}
if(valid7){
if(data46.userData !== undefined){
const _errs75 = errors;
if(typeof data46.userData !== "boolean"){
validate21.errors = [{instancePath:instancePath+"/consent/userData",schemaPath:"#/properties/consent/properties/userData/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid7 = _errs75 === errors;
}
else {
var valid7 = true;
}
}
}
}
}
else {
validate21.errors = [{instancePath:instancePath+"/consent",schemaPath:"#/properties/consent/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs68 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.properties !== undefined){
let data50 = data.properties;
const _errs77 = errors;
if(!(data50 && typeof data50 == "object" && !Array.isArray(data50))){
validate21.errors = [{instancePath:instancePath+"/properties",schemaPath:"#/properties/properties/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
var valid0 = _errs77 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate21.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate21.errors = vErrors;
return errors === 0;
}
