"""The messages of Gemini requests: their fields and types, for telling what the server does not know.

Made of Google's discovery document `generativelanguage:v1beta` and of the fields of its SDK that are newer. A field is
`name:type`; `*` after a type is a list, `{}` before it a map, `=` an enum of ENUMS. VERTEX holds what only Vertex AI
knows besides.
"""

from __future__ import annotations

from collections.abc import Mapping

MESSAGES: Mapping[str, str] = {
    "AudioMetadata": "endOffset:string startOffset:string",
    "AudioResponseFormat": "bitRate:int32 delivery:=AudioResponseFormat.delivery mimeType:string sampleRate:int32",
    "AudioTranscriptionConfig": (
        "adaptationPhrases:string* customVocabulary:string* diarization:bool languageAuto:LanguageAuto "
        "languageCodes:string* languageHints:LanguageHints mode:=AudioTranscriptionConfig.mode sourceText:string "
        "wordTimestamp:bool"
    ),
    "BatchEmbedContentsRequest": "model:string requests:EmbedContentRequest*",
    "Blob": "data:bytes displayName:string mimeType:string",
    "CodeExecution": "",
    "CodeExecutionResult": "id:string outcome:=CodeExecutionResult.outcome output:string",
    "ComputerUse": (
        "disabledSafetyPolicies:=ComputerUse.disabledSafetyPolicies* enablePromptInjectionDetection:bool "
        "environment:=ComputerUse.environment excludedPredefinedFunctions:string*"
    ),
    "Content": "parts:Part* role:string",
    "CountTokensRequest": "contents:Content* generateContentRequest:GenerateContentRequest",
    "DocumentMetadata": "contentLayers:=DocumentMetadata.contentLayers* endPage:int32 startPage:int32",
    "DynamicRetrievalConfig": "dynamicThreshold:number mode:=DynamicRetrievalConfig.mode",
    "EmbedContentRequest": (
        "content:Content model:string outputDimensionality:int32 taskType:=EmbedContentRequest.taskType title:string"
    ),
    "ExecutableCode": "code:string id:string language:=ExecutableCode.language",
    "FileData": "displayName:string fileUri:string mimeType:string",
    "FileSearch": "fileSearchStoreNames:string* metadataFilter:string topK:int32",
    "FunctionCall": "args:object id:string name:string",
    "FunctionCallingConfig": "allowedFunctionNames:string* mode:=FunctionCallingConfig.mode",
    "FunctionDeclaration": (
        "behavior:=FunctionDeclaration.behavior description:string name:string parameters:Schema "
        "parametersJsonSchema:any response:Schema responseJsonSchema:any"
    ),
    "FunctionResponse": (
        "id:string name:string parts:FunctionResponsePart* response:object scheduling:=FunctionResponse.scheduling "
        "willContinue:bool"
    ),
    "FunctionResponseBlob": "data:bytes displayName:string mimeType:string",
    "FunctionResponseFileData": "displayName:string fileUri:string mimeType:string",
    "FunctionResponsePart": (
        "audioMetadata:AudioMetadata documentMetadata:DocumentMetadata fileData:FunctionResponseFileData "
        "inlineData:FunctionResponseBlob mediaProcessing:=Part.mediaProcessing mediaResolution:PartMediaResolution "
        "spreadsheetMetadata:SpreadsheetMetadata videoMetadata:VideoMetadata"
    ),
    "GenerateContentRequest": (
        "cachedContent:string contents:Content* continuationToken:bytes generationConfig:GenerationConfig labels:any "
        "model:string safetySettings:SafetySetting* serviceTier:=GenerateContentRequest.serviceTier store:bool "
        "systemInstruction:Content toolConfig:ToolConfig tools:Tool*"
    ),
    "GenerationConfig": (
        "_responseJsonSchema:any audioTranscriptionConfig:AudioTranscriptionConfig candidateCount:int32 "
        "enableEnhancedCivicAnswers:bool frequencyPenalty:number imageConfig:ImageConfig logprobs:int32 "
        "maxOutputTokens:int32 mediaResolution:=GenerationConfig.mediaResolution presencePenalty:number "
        "responseFormat:ResponseFormatConfig responseJsonSchema:any responseLogprobs:bool responseMimeType:string "
        "responseModalities:=GenerationConfig.responseModalities* responseSchema:Schema seed:int32 "
        "speechConfig:SpeechConfig stopSequences:string* temperature:number thinkingConfig:ThinkingConfig topK:int32 "
        "topP:number"
    ),
    "GoogleMaps": "enableWidget:bool",
    "GoogleSearch": "searchTypes:SearchTypes timeRangeFilter:Interval",
    "GoogleSearchRetrieval": "dynamicRetrievalConfig:DynamicRetrievalConfig",
    "ImageConfig": "aspectRatio:string imageSize:string",
    "ImageResponseFormat": (
        "aspectRatio:string delivery:=AudioResponseFormat.delivery imageSize:string mimeType:string"
    ),
    "ImageSearch": "",
    "Interval": "endTime:string startTime:string",
    "LanguageAuto": "",
    "LanguageHints": "languageCodes:string*",
    "LatLng": "latitude:number longitude:number",
    "McpServer": "name:string streamableHttpTransport:StreamableHttpTransport",
    "MediaResolution": "level:=MediaResolution.level numTokens:int32",
    "MultiSpeakerVoiceConfig": "speakerVoiceConfigs:SpeakerVoiceConfig*",
    "Part": (
        "audioMetadata:AudioMetadata audioTranscription:Transcription codeExecutionResult:CodeExecutionResult "
        "documentMetadata:DocumentMetadata executableCode:ExecutableCode fileData:FileData functionCall:FunctionCall "
        "functionResponse:FunctionResponse inlineData:Blob mediaProcessing:=Part.mediaProcessing "
        "mediaResolution:MediaResolution partMetadata:object speechMetadata:SpeechMetadata "
        "spreadsheetMetadata:SpreadsheetMetadata text:string thought:bool thoughtSignature:bytes toolCall:ToolCall "
        "toolResponse:ToolResponse videoMetadata:VideoMetadata"
    ),
    "PartMediaResolution": "level:=MediaResolution.level numTokens:int32",
    "PrebuiltVoiceConfig": "voiceName:string",
    "ReplicatedVoiceConfig": (
        "consentAudio:bytes mimeType:string voiceConsentSignature:VoiceConsentSignature voiceSampleAudio:bytes"
    ),
    "ResponseFormatConfig": "audio:AudioResponseFormat image:ImageResponseFormat text:TextResponseFormat",
    "RetrievalConfig": "languageCode:string latLng:LatLng",
    "SafetySetting": "category:=SafetySetting.category threshold:=SafetySetting.threshold",
    "Schema": (
        "anyOf:Schema* default:any description:string enum:string* example:any format:string "
        "items:Schema maxItems:int64 maxLength:int64 maxProperties:int64 maximum:number minItems:int64 "
        "minLength:int64 minProperties:int64 minimum:number nullable:bool pattern:string properties:{}Schema "
        "propertyOrdering:string* required:string* title:string type:=Schema.type"
    ),
    "SearchTypes": "imageSearch:ImageSearch webSearch:WebSearch",
    "SpeakerVoiceConfig": "speaker:string voiceConfig:VoiceConfig",
    "SpeechConfig": "languageCode:string multiSpeakerVoiceConfig:MultiSpeakerVoiceConfig voiceConfig:VoiceConfig",
    "SpeechMetadata": "speaker:string style:string",
    "SpreadsheetMetadata": ("contentLayers:=SpreadsheetMetadata.contentLayers* sheetIndex:int32 visibleCells:string"),
    "StreamableHttpTransport": (
        "headers:{}string sseReadTimeout:string terminateOnClose:bool timeout:string url:string"
    ),
    "TextResponseFormat": "mimeType:=TextResponseFormat.mimeType schema:any",
    "ThinkingConfig": "includeThoughts:bool thinkingBudget:int32 thinkingLevel:=ThinkingConfig.thinkingLevel",
    "Tool": (
        "codeExecution:CodeExecution computerUse:ComputerUse fileSearch:FileSearch "
        "functionDeclarations:FunctionDeclaration* googleMaps:GoogleMaps googleSearch:GoogleSearch "
        "googleSearchRetrieval:GoogleSearchRetrieval mcpServers:McpServer* urlContext:UrlContext"
    ),
    "ToolCall": "args:object id:string toolType:=ToolResponse.toolType",
    "ToolConfig": (
        "functionCallingConfig:FunctionCallingConfig includeServerSideToolInvocations:bool "
        "retrievalConfig:RetrievalConfig"
    ),
    "ToolResponse": "id:string response:object toolType:=ToolResponse.toolType",
    "Transcription": (
        "endOffset:string finished:bool languageCode:string speakerLabel:string startOffset:string text:string "
        "words:WordInfo*"
    ),
    "UrlContext": "",
    "VideoMetadata": "contentLayers:=VideoMetadata.contentLayers* endOffset:string fps:number startOffset:string",
    "VoiceConfig": ("prebuiltVoiceConfig:PrebuiltVoiceConfig replicatedVoiceConfig:ReplicatedVoiceConfig voice:string"),
    "VoiceConsentSignature": "signature:string",
    "WebSearch": "",
    "WordInfo": "endOffset:string startOffset:string word:string",
}

ENUMS: Mapping[str, str] = {
    "AudioResponseFormat.delivery": "DELIVERY_UNSPECIFIED INLINE URI",
    "AudioTranscriptionConfig.mode": "MODE_UNSPECIFIED VERBATIM SMART",
    "CodeExecutionResult.outcome": "OUTCOME_UNSPECIFIED OUTCOME_OK OUTCOME_FAILED OUTCOME_DEADLINE_EXCEEDED",
    "ComputerUse.disabledSafetyPolicies": (
        "SAFETY_POLICY_UNSPECIFIED FINANCIAL_TRANSACTIONS SENSITIVE_DATA_MODIFICATION COMMUNICATION_TOOL "
        "ACCOUNT_CREATION DATA_MODIFICATION USER_CONSENT_MANAGEMENT LEGAL_TERMS_AND_AGREEMENTS"
    ),
    "ComputerUse.environment": ("ENVIRONMENT_UNSPECIFIED ENVIRONMENT_BROWSER ENVIRONMENT_MOBILE ENVIRONMENT_DESKTOP"),
    "DocumentMetadata.contentLayers": "CONTENT_LAYER_UNSPECIFIED PAGE_IMAGE PAGE_TEXT",
    "DynamicRetrievalConfig.mode": "MODE_UNSPECIFIED MODE_DYNAMIC",
    "EmbedContentRequest.taskType": (
        "TASK_TYPE_UNSPECIFIED RETRIEVAL_QUERY RETRIEVAL_DOCUMENT SEMANTIC_SIMILARITY CLASSIFICATION CLUSTERING "
        "QUESTION_ANSWERING FACT_VERIFICATION CODE_RETRIEVAL_QUERY"
    ),
    "ExecutableCode.language": "LANGUAGE_UNSPECIFIED PYTHON",
    "FunctionCallingConfig.mode": "MODE_UNSPECIFIED AUTO ANY NONE VALIDATED",
    "FunctionDeclaration.behavior": "UNSPECIFIED BLOCKING NON_BLOCKING",
    "FunctionResponse.scheduling": "SCHEDULING_UNSPECIFIED SILENT WHEN_IDLE INTERRUPT",
    "GenerateContentRequest.serviceTier": "unspecified standard flex priority",
    "GenerationConfig.mediaResolution": (
        "MEDIA_RESOLUTION_UNSPECIFIED MEDIA_RESOLUTION_LOW MEDIA_RESOLUTION_MEDIUM MEDIA_RESOLUTION_HIGH"
    ),
    "GenerationConfig.responseModalities": "MODALITY_UNSPECIFIED TEXT IMAGE AUDIO VIDEO",
    "MediaResolution.level": (
        "MEDIA_RESOLUTION_UNSPECIFIED MEDIA_RESOLUTION_LOW MEDIA_RESOLUTION_MEDIUM MEDIA_RESOLUTION_HIGH "
        "MEDIA_RESOLUTION_ULTRA_HIGH"
    ),
    "Part.mediaProcessing": "MEDIA_PROCESSING_UNSPECIFIED STATIC AGENTIC",
    "SafetySetting.category": (
        "HARM_CATEGORY_UNSPECIFIED HARM_CATEGORY_DEROGATORY HARM_CATEGORY_TOXICITY HARM_CATEGORY_VIOLENCE "
        "HARM_CATEGORY_SEXUAL HARM_CATEGORY_MEDICAL HARM_CATEGORY_DANGEROUS HARM_CATEGORY_HARASSMENT "
        "HARM_CATEGORY_HATE_SPEECH HARM_CATEGORY_SEXUALLY_EXPLICIT HARM_CATEGORY_DANGEROUS_CONTENT "
        "HARM_CATEGORY_CIVIC_INTEGRITY HARM_CATEGORY_JAILBREAK HARM_CATEGORY_IMAGE_HATE "
        "HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT HARM_CATEGORY_IMAGE_HARASSMENT HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT"
    ),
    "SafetySetting.threshold": (
        "HARM_BLOCK_THRESHOLD_UNSPECIFIED BLOCK_LOW_AND_ABOVE BLOCK_MEDIUM_AND_ABOVE BLOCK_ONLY_HIGH BLOCK_NONE OFF"
    ),
    "Schema.type": "TYPE_UNSPECIFIED STRING NUMBER INTEGER BOOLEAN ARRAY OBJECT NULL",
    "SpreadsheetMetadata.contentLayers": "CONTENT_LAYER_UNSPECIFIED DATA FORMULAS VISUAL",
    "TextResponseFormat.mimeType": "MIME_TYPE_UNSPECIFIED APPLICATION_JSON TEXT_PLAIN",
    "ThinkingConfig.thinkingLevel": "THINKING_LEVEL_UNSPECIFIED MINIMAL LOW MEDIUM HIGH XHIGH",
    "ToolResponse.toolType": (
        "TOOL_TYPE_UNSPECIFIED GOOGLE_SEARCH_WEB GOOGLE_SEARCH_IMAGE URL_CONTEXT GOOGLE_MAPS FILE_SEARCH "
        "MEDIA_PROCESSING"
    ),
    "VideoMetadata.contentLayers": "CONTENT_LAYER_UNSPECIFIED FRAMES AUDIO TRANSCRIPT",
}

VERTEX: Mapping[str, str] = {
    "CountTokensRequest": (
        "generationConfig:GenerationConfig instances:any* model:string systemInstruction:Content tools:Tool*"
    ),
    "FunctionCall": "partialArgs:any* willContinue:bool",
    "FunctionCallingConfig": "streamFunctionCallArguments:bool",
    "GenerateContentRequest": "labels:any modelArmorConfig:any outputConfig:any",
    "GenerationConfig": (
        "audioTimestamp:bool enableAffectiveDialog:bool generationOutputConfig:any modelArmorConfig:any "
        "modelConfig:any modelSelectionConfig:any responseFormat:any routingConfig:any translationConfig:any"
    ),
    "GoogleMaps": "authConfig:any groundingTypes:any",
    "GoogleSearch": "blockingConfidence:string excludeDomains:string*",
    "ImageConfig": (
        "imageOutputOptions:any outputCompressionQuality:int32 outputMimeType:string personGeneration:string "
        "prominentPeople:string"
    ),
    "SafetySetting": "method:string",
    "Schema": "additionalProperties:any defs:any ref:string",
    "Tool": "enterpriseWebSearch:any exaAiSearch:any parallelAiSearch:any retrieval:any",
}
