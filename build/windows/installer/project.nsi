; The installer for Windows, per user: it asks for no administrator. Made by
; scripts/dist.sh with -DVERSION=… -DPROGRAMS=… -DOUT=…
Target amd64-unicode
ManifestDPIAware true
SetCompressor /SOLID lzma
SetCompressorDictSize 64 ; the two programs differ in a few bytes
SetDateSave off ; the same programs make the same installer
RequestExecutionLevel user

!include "MUI2.nsh"
!include "LogicLib.nsh"
!include "WinVer.nsh"
!include "x64.nsh"

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Bandeja"
!define APP_PATHS "Software\Microsoft\Windows\CurrentVersion\App Paths\bandeja.exe"
; WebView2's own number, as Microsoft documents it.
!define WEBVIEW "Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"
!define WEBVIEW_PAGE "https://developer.microsoft.com/microsoft-edge/webview2/"

Name "Bandeja"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Bandeja"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"
BrandingText "Bandeja ${VERSION}"

VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Bandeja"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Bandeja"
VIAddVersionKey "CompanyName" "Bandeja"
VIAddVersionKey "LegalCopyright" "Copyright (C) 2026 The Bandeja team"

!define MUI_ICON "..\icon.ico"
!define MUI_UNICON "..\icon.ico"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\bandeja.exe"
!define MUI_FINISHPAGE_NOAUTOCLOSE

!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "..\..\..\LICENSE"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES

!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "SpanishInternational"
!insertmacro MUI_LANGUAGE "Spanish"

!macro say NAME ENGLISH SPANISH
  LangString ${NAME} ${LANG_ENGLISH} "${ENGLISH}"
  LangString ${NAME} ${LANG_SPANISHINTERNATIONAL} "${SPANISH}"
  LangString ${NAME} ${LANG_SPANISH} "${SPANISH}"
!macroend

!insertmacro say OldWindows "Bandeja needs Windows 10 or later, 64 bits." "Bandeja necesita Windows 10 o posterior, de 64 bits."
!insertmacro say InUse "Bandeja is open. Close its window, and anything that runs bandeja-cli.exe, and try again." "Bandeja está abierta. Hay que cerrar su ventana, y lo que esté usando bandeja-cli.exe, y reintentar."
!insertmacro say NoWebView "Bandeja's window needs Microsoft's WebView2, which this machine lacks.$\r$\n$\r$\nOpen the page where Microsoft offers it? Without it Bandeja works in the browser: bandeja-cli.exe serve --open" "La ventana de Bandeja necesita WebView2, de Microsoft, y esta máquina no lo tiene.$\r$\n$\r$\n¿Abrir la página donde Microsoft lo ofrece? Sin él, Bandeja funciona en el navegador: bandeja-cli.exe serve --open"
!insertmacro say Kept "Bandeja was removed. What it had copied, and its settings, are still in$\r$\n$LOCALAPPDATA\Bandeja$\r$\n$\r$\nDelete that folder if you do not want them." "Se quitó Bandeja. Lo que había copiado y sus ajustes siguen en$\r$\n$LOCALAPPDATA\Bandeja$\r$\n$\r$\nSi no hacen falta, se puede borrar esa carpeta."

; A program that runs cannot be written to.
!macro mustBeClosed UN
Function ${UN}mustBeClosed
  again:
  ClearErrors
  ${If} ${FileExists} "$INSTDIR\bandeja.exe"
    FileOpen $0 "$INSTDIR\bandeja.exe" a
    IfErrors used
    FileClose $0
  ${EndIf}
  ${If} ${FileExists} "$INSTDIR\bandeja-cli.exe"
    FileOpen $0 "$INSTDIR\bandeja-cli.exe" a
    IfErrors used
    FileClose $0
  ${EndIf}
  Return
  used:
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(InUse)" /SD IDCANCEL IDRETRY again
  SetErrorLevel 2
  Quit
FunctionEnd
!macroend
!insertmacro mustBeClosed ""
!insertmacro mustBeClosed "un."

Function .onInit
  ${IfNot} ${AtLeastWin10}
  ${OrIfNot} ${RunningX64}
    MessageBox MB_OK|MB_ICONSTOP "$(OldWindows)" /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
FunctionEnd

Function webView
  ReadRegStr $0 HKLM "SOFTWARE\WOW6432Node\${WEBVIEW}" "pv"
  ${If} $0 == ""
    ReadRegStr $0 HKCU "Software\${WEBVIEW}" "pv"
  ${EndIf}
  ${If} $0 == ""
  ${OrIf} $0 == "0.0.0.0"
    MessageBox MB_YESNO|MB_ICONINFORMATION "$(NoWebView)" /SD IDNO IDNO done
    ExecShell "open" "${WEBVIEW_PAGE}"
  ${EndIf}
  done:
FunctionEnd

Section
  Call mustBeClosed
  SetOutPath "$INSTDIR"
  File "${PROGRAMS}/bandeja.exe"
  File "${PROGRAMS}/bandeja-cli.exe"
  File "${PROGRAMS}/LICENSE.txt"
  File "${PROGRAMS}/licences-of-others.txt"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortCut "$SMPROGRAMS\Bandeja.lnk" "$INSTDIR\bandeja.exe"
  WriteRegStr HKCU "${APP_PATHS}" "" "$INSTDIR\bandeja.exe"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Bandeja"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\bandeja.exe"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "Bandeja"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  SectionGetSize 0 $0
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0
  Call webView
SectionEnd

; The profile is the user's, and stays.
Section "Uninstall"
  Call un.mustBeClosed
  Delete "$INSTDIR\bandeja.exe"
  Delete "$INSTDIR\bandeja-cli.exe"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\licences-of-others.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Bandeja.lnk"
  DeleteRegKey HKCU "${APP_PATHS}"
  DeleteRegKey HKCU "${UNINSTALL}"
  MessageBox MB_OK|MB_ICONINFORMATION "$(Kept)" /SD IDOK
SectionEnd
