terraform import coze_workspace.desk 客服空间
